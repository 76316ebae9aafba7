use std::time::Duration;

use super::*;
use crate::convert::Convert;
use crate::flags::Flags;
use crate::spec::{Capture, Column};

const SOUND: &str = "\
apiVersion: dualwrite/v1
kind: Migration
metadata:
  name: cart
spec:
  phase: legacy_only
  flags:
    async_new: false
    sync_interval: 60
    secondary_timeout_ms: 250
  guards:
    maxMarkers: 5
    maxMarkerAge: 10s
    requireBackfill: false
    maxSecondaryErrorPercent: 2.5
  keepMarkers: false
  entities:
    - name: cart
      root: true
      key: id
      legacy: {table: shop.carts}
      new: {table: cart}
      columns:
        - id
        - {legacy: user_ref, new: user_id, sensitive: true}
    - name: cart_item
      key: [cart_id, line]
      capture: none
      legacy: {table: shop.items}
      new: {table: cart_item}
      columns:
        - legacy: cart
          new: cart_id
        - line
        - {legacy: price_cents, new: price, convert: cents_to_decimal}
";

/// The errors of the sound manifest with one text replaced by another.
fn errors(what: &str, with: &str) -> Vec<ManifestError> {
    assert_eq!(SOUND.matches(what).count(), 1, "`{what}` stands there once");
    Manifest::parse("cart.yaml", &SOUND.replace(what, with))
        .unwrap_err()
        .errors
}

/// The only error, as `line:column: path`, and its message.
fn only(what: &str, with: &str) -> (String, String) {
    let errors = errors(what, with);
    assert_eq!(errors.len(), 1, "{errors:#?}");
    let error = &errors[0];
    (
        format!("{}:{}: {}", error.line, error.column, error.path),
        error.to_string(),
    )
}

#[test]
fn a_sound_manifest_is_read_whole() {
    let manifest = Manifest::parse("cart.yaml", SOUND).unwrap();
    assert_eq!(manifest.name, "cart");
    assert_eq!(manifest.phase, Some(Phase::LegacyOnly));
    let spec = &manifest.spec;
    assert!(!spec.flags.async_new && spec.flags.async_legacy);
    assert_eq!(spec.flags.sync_interval, Duration::from_mins(1));
    assert_eq!(spec.flags.secondary_timeout, Duration::from_millis(250));
    assert_eq!(
        (spec.guards.max_markers, spec.guards.require_backfill),
        (5, false)
    );
    assert!((spec.guards.max_secondary_error_percent - 2.5).abs() < f64::EPSILON);
    assert_eq!(
        spec.guards.min_sidecars, 1,
        "what is not said has its default"
    );
    assert!(!spec.keep_markers);
    let [cart, item] = spec.entities.as_slice() else {
        panic!("two entities")
    };
    assert!(cart.root && !item.root);
    assert_eq!(cart.key, ["id"], "one field alone needs no list");
    assert_eq!(cart.legacy_table.to_string(), "shop.carts");
    assert_eq!(cart.columns[0], Column::same("id"));
    assert!(cart.columns[1].sensitive);
    assert_eq!(item.capture, Capture::None);
    assert_eq!(item.columns[2].convert, Convert::CentsToDecimal);
}

#[test]
fn it_comes_back_from_its_own_rendering() {
    let manifest = Manifest::parse("cart.yaml", SOUND).unwrap();
    let yaml = manifest.to_yaml();
    assert_eq!(Manifest::parse("again.yaml", &yaml), Ok(manifest), "{yaml}");
}

#[test]
fn names_that_yaml_might_misread_are_quoted() {
    let mut manifest = Manifest::parse("cart.yaml", SOUND).unwrap();
    for name in [
        "a b", "a: b", "#x", "\"q\"", "- d", "null", "ü\t\\", "{x}", "on", "12", "1e5", "~",
    ] {
        manifest.spec.entities[0].columns[1].legacy = name.to_owned();
        manifest.spec.entities[0].legacy_table.name = name.to_owned();
        let yaml = manifest.to_yaml();
        assert_eq!(
            Manifest::parse("again.yaml", &yaml).as_ref(),
            Ok(&manifest),
            "{name}"
        );
    }
}

#[test]
fn an_unknown_field_suggests_the_nearest_at_its_place() {
    let table = [
        (
            "keepMarkers:",
            "keepMarker:",
            "16:3: spec.keepMarker",
            "expected `keepMarkers`?",
        ),
        (
            "async_new:",
            "asyncNew:",
            "8:5: spec.flags.asyncNew",
            "expected `async_new`?",
        ),
        (
            "maxMarkers:",
            "max_markers:",
            "12:5: spec.guards.max_markers",
            "expected `maxMarkers`?",
        ),
        (
            "root:",
            "rooot:",
            "19:7: spec.entities[0].rooot",
            "expected `root`?",
        ),
        (
            "{table: cart}",
            "{table: cart, colour: red}",
            "22:26: spec.entities[0].new.colour",
            "expected table",
        ),
        (
            "sensitive:",
            "sensitiv:",
            "25:44: spec.entities[0].columns[1].sensitiv",
            "expected `sensitive`?",
        ),
    ];
    for (what, with, place, expected) in table {
        let (found, text) = only(what, with);
        assert_eq!(found, place);
        assert!(
            text.starts_with("cart.yaml:") && text.contains(expected),
            "{text}"
        );
    }
}

/// Text to replace, with what; then the place and a part of the error.
const WRONG_VALUES: [(&str, &str, &str, &str); 15] = [
    (
        "dualwrite/v1",
        "dualwrite/v2",
        "1:13: apiVersion",
        "expected `dualwrite/v1`",
    ),
    (
        "Migration",
        "Deployment",
        "2:7: kind",
        "expected `Migration`",
    ),
    (
        "name: cart\nspec",
        "name: Cart\nspec",
        "4:9: metadata.name",
        "lower case",
    ),
    ("legacy_only", "dualwrite", "6:10: spec.phase", "dual_write"),
    (
        "async_new: false",
        "async_new: maybe",
        "8:16: spec.flags.async_new",
        "true or false",
    ),
    (
        "sync_interval: 60",
        "sync_interval: soon",
        "9:20: spec.flags.sync_interval",
        "like 500ms",
    ),
    (
        "maxMarkers: 5",
        "maxMarkers: -5",
        "12:17: spec.guards.maxMarkers",
        "a whole number",
    ),
    (
        "requireBackfill: false",
        "requireBackfill: 1",
        "14:22: spec.guards.requireBackfill",
        "true or false",
    ),
    (
        "keepMarkers: false",
        "keepMarkers: [no]",
        "16:16: spec.keepMarkers",
        "this is a list",
    ),
    (
        "root: true",
        "root: 1",
        "19:13: spec.entities[0].root",
        "true or false",
    ),
    (
        "shop.carts",
        "a.b.c",
        "21:23: spec.entities[0].legacy.table",
        "`schema.table`",
    ),
    (
        "capture: none",
        "capture: triger",
        "28:16: spec.entities[1].capture",
        "none or trigger",
    ),
    (
        "capture: none",
        "capture: trigger",
        "28:16: spec.entities[1].capture",
        "cannot be installed yet",
    ),
    (
        "cents_to_decimal",
        "cent_to_decimal",
        "35:54: spec.entities[1].columns[2].convert",
        "expected `cents_to_decimal`? (all: none, cents_to_decimal, int_to_bool",
    ),
    (
        "- line\n",
        "- [line]\n",
        "34:11: spec.entities[1].columns[1]",
        "this is a list",
    ),
];

#[test]
fn a_wrong_value_says_what_would_be_right_at_its_place() {
    for (what, with, place, expected) in WRONG_VALUES {
        let (found, text) = only(what, with);
        assert_eq!(found, place, "{text}");
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn a_missing_field_is_said_where_it_should_be() {
    let table = [
        ("kind: Migration\n", "", "1:1: kind", "`kind` is missing"),
        (
            "  name: cart\nspec",
            "  \nspec",
            "3:1: metadata",
            "`metadata` is missing",
        ),
        (
            "      key: [cart_id, line]\n",
            "",
            "26:7: spec.entities[1].key",
            "`key` is missing",
        ),
        (
            "legacy: {table: shop.items}",
            "legacy: {}",
            "29:15: spec.entities[1].legacy.table",
            "is missing",
        ),
        (
            "          new: cart_id\n",
            "",
            "32:11: spec.entities[1].columns[0].new",
            "is missing",
        ),
    ];
    for (what, with, place, expected) in table {
        let (found, text) = only(what, with);
        assert_eq!(found, place, "{text}");
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn errors_of_meaning_have_their_place_too() {
    let table = [
        (
            "sync_interval: 60",
            "sync_interval: 0",
            "9:20: spec.flags.sync_interval",
        ),
        (
            "maxSecondaryErrorPercent: 2.5",
            "maxSecondaryErrorPercent: 250",
            "15:31: spec.guards.maxSecondaryErrorPercent",
        ),
        ("key: id", "key: idd", "20:12: spec.entities[0].key[0]"),
        (
            "[cart_id, line]",
            "[cart_id, lien]",
            "27:22: spec.entities[1].key[1]",
        ),
        (
            "name: cart_item",
            "name: cart",
            "26:13: spec.entities[1].name",
        ),
        (
            "- line\n",
            "- price\n",
            "35:38: spec.entities[1].columns[2].new",
        ),
        (
            "new: cart_id\n",
            "new: cart_id\n          convert: text_to_int\n",
            "34:20: spec.entities[1].columns[0].convert",
        ),
    ];
    for (what, with, place) in table {
        let errors = errors(what, with);
        let places: Vec<String> = errors
            .iter()
            .map(|error| format!("{}:{}: {}", error.line, error.column, error.path))
            .collect();
        assert!(places.contains(&place.to_owned()), "{place} in {places:#?}");
    }
}

#[test]
fn all_errors_of_form_are_found_in_the_order_of_the_file() {
    let text = SOUND
        .replace("phase: legacy_only", "phase: off")
        .replace("apiVersion: dualwrite/v1\n", "")
        .replace("root: true", "root: maybe")
        .replace("name: cart_item", "nam: cart_item");
    let errors = Manifest::parse("cart.yaml", &text).unwrap_err();
    let paths: Vec<&str> = errors
        .errors
        .iter()
        .map(|error| error.path.as_str())
        .collect();
    let expected = [
        "apiVersion",
        "spec.phase",
        "spec.entities[0].root",
        "spec.entities[1].nam",
        "spec.entities[1].name",
    ];
    assert_eq!(paths, expected);
    assert_eq!(errors.to_string().lines().count(), 5);
}

#[test]
fn what_is_no_yaml_says_where() {
    let table = [
        ("a: [1, 2", "this is no YAML"),
        ("a: b: c", "this is no YAML"),
        ("a:\n\tb: 1", "this is no YAML"),
        ("a: 1\na: 2", "cart.yaml:2:1: `a` is given twice"),
        ("[1]: 2", "cart.yaml:1:1: a name must be plain text"),
        ("a: *nowhere", "this is no YAML"),
        ("a: &x [*x]", "cart.yaml:1:8: this alias refers to itself"),
        ("a: 1\n---\nb: 2", "a second document begins here"),
        ("", "the file is empty"),
        ("# nothing", "the file is empty"),
        ("just text", "cart.yaml:1:1: this is a plain value"),
        ("- 1", "cart.yaml:1:1: this is a list"),
    ];
    for (text, expected) in table {
        let errors = Manifest::parse("cart.yaml", text).unwrap_err().to_string();
        assert!(errors.contains(expected), "{text:?}: {errors}");
    }
}

#[test]
fn anchors_are_written_out_and_cannot_blow_up() {
    let shared = SOUND
        .replace("new: {table: cart}", "new: &t {table: cart}")
        .replace("new: {table: cart_item}", "new: *t");
    let errors = Manifest::parse("cart.yaml", &shared).unwrap_err().errors;
    assert_eq!(
        errors[0].path, "spec.entities[1].new.table",
        "read, and refused for its meaning"
    );

    let mut bomb = vec!["a0: &a0 [x, x, x, x, x, x, x, x, x, x]".to_owned()];
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push(format!("a{level}: &a{level} [{items}]"));
    }
    let bomb = bomb.join("\n");
    let errors = Manifest::parse("bomb.yaml", &bomb).unwrap_err().to_string();
    assert!(errors.contains("too many values"), "{errors}");
}

#[test]
fn the_schema_names_everything_that_is_read() {
    let schema: serde_json::Value = serde_json::from_str(json_schema()).unwrap();
    let names = |pointer: &str| -> Vec<String> {
        let object = schema.pointer(pointer).unwrap().as_object().unwrap();
        object.keys().cloned().collect()
    };
    let sorted = |words: &[&str]| {
        let mut words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        words.sort();
        words
    };
    assert_eq!(names("/$defs/flags/properties"), sorted(Flags::names()));
    assert_eq!(
        names("/$defs/guards/properties"),
        sorted(&settings::GUARD_NAMES)
    );
    let list = |pointer: &str| -> Vec<String> {
        serde_json::from_value(schema.pointer(pointer).unwrap().clone()).unwrap()
    };
    let converts = "/$defs/column/anyOf/1/properties/convert/enum";
    assert_eq!(list(converts), Convert::names());
    assert_eq!(
        list("/properties/spec/properties/phase/enum"),
        Phase::ALL.map(Phase::as_str)
    );
    assert_eq!(
        list("/$defs/entity/properties/capture/enum"),
        Capture::WORDS
    );
}

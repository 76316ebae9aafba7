use super::*;

/// A service's file, with the pattern's own phase 1 in it.
const FILE: &str = "# cart
LEGACY_DATABASE_URL=postgresql+asyncpg://poc_user:admin123@localhost:5432/poc
export DATABASE_URL='postgresql+asyncpg://cart:hunter2@localhost:5432/cart_db'
SECRET_KEY=${OTHER}
DUAL_WRITE_ENABLED=true
DUAL_WRITE_TO_LEGACY=true
DUAL_WRITE_TO_NEW=true
DUAL_WRITE_FAIL_ON_LEGACY_ERROR=false
DUAL_WRITE_FAIL_ON_NEW_ERROR=true
DUAL_WRITE_BATCH_SIZE=100
CART_DUAL_WRITE_BATCH_SIZE=200   # cart's own
";

const ENTITIES: &str = "apiVersion: dualwrite/v1
kind: Migration
metadata: {name: cart}
spec:
  phase: legacy_only
  flags: {batch_size: 7, read_new_percent: 5}
  entities:
    - name: cart
      key: [id]
      legacy: {table: shop_carts}
      new: {table: carts}
      columns: [id, {legacy: owner, new: user_id}]
";

fn source(text: &str) -> Source {
    Source {
        file: ".env".to_owned(),
        text: text.to_owned(),
    }
}

fn import(text: &str, service: Option<&str>) -> Result<ImportView, Failure> {
    ImportView::of(&source(text), service.map(str::to_owned), None)
}

#[test]
fn a_manifest_without_entities_says_what_to_do_next() {
    let text = format!("{FILE}DUAL_WRITE_PRIMARY=legacy\n");
    let view = import(&text, Some("cart")).unwrap();
    assert!(!view.complete);
    insta::assert_snapshot!(view.manifest);
    insta::assert_snapshot!(view.advice);
    for secret in ["admin123", "hunter2"] {
        let all = format!("{}{}", view.manifest, view.advice);
        assert!(!all.contains(secret), "{all}");
    }
    // What is missing is what `config check` says, in the same words.
    let errors = source(&view.manifest).parse().unwrap_err().to_string();
    assert!(errors.contains("dualwrite introspect"), "{errors}");
}

#[test]
fn with_the_entities_it_is_complete_and_reads_back() {
    let base = source(ENTITIES).manifest().unwrap();
    let text = format!("{FILE}DUAL_WRITE_PRIMARY=new\n");
    let view = ImportView::of(&source(&text), None, Some(base)).unwrap();
    assert!(view.complete && view.service == "cart");
    insta::assert_snapshot!(view.manifest);
    let manifest = source(&view.manifest).manifest().unwrap();
    assert_eq!(manifest.phase, Some(Phase::NewPrimary));
    assert_eq!(manifest.spec.flags.batch_size, 200);
    assert_eq!(
        manifest.spec.flags.read_new_percent, 5,
        "no variable says it"
    );
}

#[test]
fn the_first_two_phases_of_the_pattern_are_refused_as_ambiguous() {
    let failure = import(FILE, Some("cart")).unwrap_err();
    assert_eq!(failure.exit, Exit::Failed);
    let details = failure.details.join("\n");
    for word in ["DUAL_WRITE_PRIMARY", "dual_write", "new_primary"] {
        assert!(details.contains(word), "{details}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_its_line() {
    let phase = "DUAL_WRITE_TO_NEW=true\n";
    let table = [
        (
            "DUAL_WRITE_TO_NEW=${NEW}\n",
            ".env:1: DUAL_WRITE_TO_NEW refers",
        ),
        ("\nnonsense\n", ".env:2: expected NAME=value"),
        ("DUAL_WRITE_BATCHSIZE=1\n", "`DUAL_WRITE_BATCH_SIZE`"),
        ("UNRELATED=1\n", "nothing in .env says the phase"),
    ];
    for (text, expected) in table {
        let failure = import(text, Some("cart")).unwrap_err();
        let said = format!("{}\n{}", failure.message, failure.details.join("\n"));
        assert!(said.contains(expected), "{said}");
    }
    let view = import(phase, Some("cart")).unwrap();
    assert_eq!(view.phase, "new_only");
    let repeated = format!("DUAL_WRITE_TO_NEW=false\n{phase}");
    assert_eq!(import(&repeated, Some("cart")).unwrap().phase, "new_only");
}

#[test]
fn the_service_has_to_be_said_somewhere() {
    let phase = "DUAL_WRITE_TO_NEW=true\n";
    assert_eq!(import(phase, None).unwrap_err().exit, Exit::Usage);
    assert_eq!(import(phase, Some("Cart")).unwrap_err().exit, Exit::Usage);
    let in_file = format!("DUALWRITE_SERVICE=cart\n{phase}");
    assert_eq!(import(&in_file, None).unwrap().service, "cart");
}

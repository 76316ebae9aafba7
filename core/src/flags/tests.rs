use super::*;

#[test]
fn the_defaults_are_those_that_the_documentation_lists() {
    let table = [
        ("fail_on_legacy_error", "false"),
        ("fail_on_new_error", "false"),
        ("async_legacy", "true"),
        ("async_new", "true"),
        ("batch_size", "100"),
        ("validate_sync", "true"),
        ("sync_interval", "300s"),
        ("log_all", "false"),
        ("log_errors_only", "true"),
        ("metrics_enabled", "true"),
        ("read_new_percent", "0"),
        ("compare_reads_percent", "0"),
        ("secondary_timeout_ms", "500"),
    ];
    let flags = Flags::default();
    for (name, text) in table {
        assert_eq!(flags.get(name).as_deref(), Ok(text), "{name}");
    }
    assert_eq!(table.map(|(name, _)| name), *Flags::names());
    assert_eq!(flags.validate(), []);
    assert_eq!(flags.warnings(), Vec::<String>::new());
}

#[test]
fn every_flag_is_set_by_text_and_read_back() {
    let table = [
        ("fail_on_legacy_error", "true", "true"),
        ("fail_on_new_error", "on", "true"),
        ("async_legacy", "FALSE", "false"),
        ("async_new", "0", "false"),
        ("batch_size", "512", "512"),
        ("validate_sync", "no", "false"),
        ("sync_interval", "60", "60s"),
        ("log_all", "1", "true"),
        ("log_errors_only", "off", "false"),
        ("metrics_enabled", "false", "false"),
        ("read_new_percent", "25", "25"),
        ("compare_reads_percent", "100", "100"),
        ("secondary_timeout_ms", "2s", "2000"),
    ];
    for (name, text, read) in table {
        let mut flags = Flags::default();
        flags.set(name, text).unwrap();
        assert_ne!(flags, Flags::default(), "{name} changes something");
        assert_eq!(flags.get(name).as_deref(), Ok(read), "{name}");
        let mut again = Flags::default();
        again.set(name, read).unwrap();
        assert_eq!(again, flags, "{name} reads what it writes");
    }
}

#[test]
fn an_unknown_flag_suggests_the_nearest_and_lists_all() {
    let mut flags = Flags::default();
    let error = flags.set("batchsize", "5").unwrap_err().to_string();
    assert!(error.contains("did you mean `batch_size`?"), "{error}");
    for name in Flags::names() {
        assert!(error.contains(name), "{name} in {error}");
    }
    assert!(matches!(
        flags.get("colour"),
        Err(FlagError::Unknown { .. })
    ));
}

#[test]
fn an_invalid_value_says_what_would_be_right_and_changes_nothing() {
    let table = [
        ("async_new", "maybe", "true or false"),
        ("batch_size", "many", "1 to 512"),
        ("batch_size", "-1", "1 to 512"),
        ("read_new_percent", "300", "0 to 100"),
        ("sync_interval", "1 day", "like 500ms"),
        ("secondary_timeout_ms", "fast", "like 500ms"),
    ];
    for (name, text, expected) in table {
        let mut flags = Flags::default();
        let error = flags.set(name, text).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains(text), "{error}");
        assert_eq!(flags, Flags::default());
    }
}

#[test]
fn values_out_of_range_are_found_all_at_once() {
    let flags = Flags {
        batch_size: 513,
        sync_interval: Duration::ZERO,
        read_new_percent: 101,
        compare_reads_percent: 255,
        secondary_timeout: Duration::from_micros(1500),
        ..Flags::default()
    };
    let paths: Vec<String> = flags
        .validate()
        .into_iter()
        .map(|violation| violation.path)
        .collect();
    let expected = [
        "batch_size",
        "sync_interval",
        "read_new_percent",
        "compare_reads_percent",
        "secondary_timeout_ms",
    ];
    assert_eq!(paths, expected);
    for edge in [1, MAX_BATCH_SIZE] {
        assert_eq!(
            Flags {
                batch_size: edge,
                ..Flags::default()
            }
            .validate(),
            []
        );
    }
    assert_eq!(
        Flags {
            batch_size: 0,
            ..Flags::default()
        }
        .validate()
        .len(),
        1
    );
}

#[test]
fn the_mode_of_each_side_follows_its_own_flags_and_strict_wins() {
    let table = [
        (false, true, Mode::Async),
        (false, false, Mode::Sync),
        (true, false, Mode::Strict),
        (true, true, Mode::Strict),
    ];
    for (strict, relayed, mode) in table {
        let legacy = Flags {
            fail_on_legacy_error: strict,
            async_legacy: relayed,
            ..Flags::default()
        };
        assert_eq!(legacy.mode(Side::Legacy), mode);
        assert_eq!(legacy.mode(Side::New), Mode::Async);
        let new = Flags {
            fail_on_new_error: strict,
            async_new: relayed,
            ..Flags::default()
        };
        assert_eq!(new.mode(Side::New), mode);
        assert_eq!(new.mode(Side::Legacy), Mode::Async);
    }
}

#[test]
fn strict_and_async_together_are_warned_of() {
    let flags = Flags {
        fail_on_new_error: true,
        log_all: true,
        ..Flags::default()
    };
    let warnings = flags.warnings();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("fail_on_new_error") && warnings[0].contains("strict wins"));
    assert!(warnings[1].contains("log_all wins"));
}

#[test]
fn the_serialised_form_uses_the_names_that_users_type() {
    let json = serde_json::to_value(Flags::default()).unwrap();
    for name in Flags::names() {
        assert!(json.get(name).is_some(), "{name}");
    }
    assert_eq!(json["sync_interval"], "300s");
    assert_eq!(json["secondary_timeout_ms"], 500);
    assert_eq!(
        serde_json::from_value::<Flags>(json).unwrap(),
        Flags::default()
    );
    assert_eq!(
        serde_json::from_str::<Flags>("{}").unwrap(),
        Flags::default()
    );
    assert!(serde_json::from_str::<Flags>("{\"batchsize\":1}").is_err());
}

#[test]
fn the_documentation_lists_every_flag_with_its_default() {
    let page = include_str!("../../../docs/flags.md");
    let rows = |line: &&str| line.starts_with("| `");
    let documented: Vec<&str> = page
        .lines()
        .filter(rows)
        .filter_map(|line| line.split('`').nth(1))
        .collect();
    assert_eq!(documented, Flags::names());
    let defaults = Flags::default();
    for name in Flags::names() {
        let value = defaults.get(name).unwrap();
        let row = format!("| `{name}` | {value} |");
        assert!(page.contains(&row), "expected a row that starts {row}");
    }
}

use super::*;
use crate::side::Side;

/// The pattern's own blocks, as its document has them.
const PHASE_1: &str = "DUAL_WRITE_ENABLED=true
DUAL_WRITE_TO_LEGACY=true
DUAL_WRITE_TO_NEW=true
DUAL_WRITE_FAIL_ON_LEGACY_ERROR=false
DUAL_WRITE_FAIL_ON_NEW_ERROR=true
";
const PHASE_2: &str = "DUAL_WRITE_ENABLED=true
DUAL_WRITE_TO_LEGACY=true
DUAL_WRITE_TO_NEW=true
DUAL_WRITE_FAIL_ON_LEGACY_ERROR=false
DUAL_WRITE_FAIL_ON_NEW_ERROR=true
DUAL_WRITE_VALIDATE_SYNC=true
";
const PHASE_3: &str = "DUAL_WRITE_ENABLED=false
DUAL_WRITE_TO_LEGACY=false
DUAL_WRITE_TO_NEW=true
";
const ALL: &str = "LEGACY_DATABASE_URL=postgresql+asyncpg://poc_user:admin123@localhost:5432/poc
DUAL_WRITE_ENABLED=true
DUAL_WRITE_TO_LEGACY=true
DUAL_WRITE_TO_NEW=true
DUAL_WRITE_FAIL_ON_LEGACY_ERROR=false
DUAL_WRITE_FAIL_ON_NEW_ERROR=true
DUAL_WRITE_VALIDATE_SYNC=true
DUAL_WRITE_SYNC_INTERVAL=300
DUAL_WRITE_ASYNC_LEGACY=true
DUAL_WRITE_BATCH_SIZE=100
DUAL_WRITE_LOG_ALL=false
DUAL_WRITE_LOG_ERRORS_ONLY=true
DUAL_WRITE_METRICS_ENABLED=true
";

fn read_text(text: &str) -> Result<Environment, Vec<EnvironmentError>> {
    let entries = dotenv::parse(text).unwrap();
    let variables = entries
        .iter()
        .map(|entry| (entry.name.as_str(), entry.value.as_str()));
    read(variables, "cart", &Flags::default())
}

fn errors(text: &str) -> String {
    let errors = read_text(text).unwrap_err();
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    texts.join("\n")
}

/// What a cell of the table says.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Cell {
    Is(Phase),
    Ambiguous,
    Wrong,
}

/// Every cell: enabled, to_legacy, to_new; then without a primary, with legacy
/// as the primary, with new.
const TABLE: [(bool, bool, bool, [Cell; 3]); 8] = {
    use Cell::{Ambiguous, Is, Wrong};
    use Phase::{DualWrite, LegacyOnly, NewOnly, NewPrimary};
    [
        (true, true, true, [Ambiguous, Is(DualWrite), Is(NewPrimary)]),
        (true, true, false, [Wrong; 3]),
        (true, false, true, [Wrong; 3]),
        (true, false, false, [Wrong; 3]),
        (false, true, true, [Wrong; 3]),
        (false, true, false, [Is(LegacyOnly), Is(LegacyOnly), Wrong]),
        (false, false, true, [Is(NewOnly), Wrong, Is(NewOnly)]),
        (false, false, false, [Wrong; 3]),
    ]
};

#[test]
fn every_cell_of_the_table_of_phases() {
    let primaries = [None, Some(Side::Legacy), Some(Side::New)];
    for (enabled, to_legacy, to_new, cells) in TABLE {
        for (primary, cell) in primaries.into_iter().zip(cells) {
            // What is false may as well be left out, where something is set.
            for leave_out in [false, true] {
                let switch = |on: bool| (on || !leave_out).then_some(on);
                let switches = Switches {
                    enabled: switch(enabled),
                    to_legacy: switch(to_legacy),
                    to_new: switch(to_new),
                    primary,
                };
                let found = match switches.phase() {
                    Ok(phase) => Cell::Is(phase),
                    Err(EnvironmentError::Ambiguous) => Cell::Ambiguous,
                    Err(error) => {
                        let text = error.to_string();
                        assert!(text.contains("DUAL_WRITE_TO_NEW"), "{text}");
                        Cell::Wrong
                    }
                };
                assert_eq!(found, cell, "{switches:?}");
            }
        }
    }
}

#[test]
fn the_first_two_phases_of_the_pattern_need_the_primary_to_be_said() {
    for block in [PHASE_1, PHASE_2] {
        let error = errors(block);
        for word in ["DUAL_WRITE_PRIMARY", "dual_write", "new_primary"] {
            assert!(error.contains(word), "{error}");
        }
        let phase = |primary: &str| {
            let text = format!("{block}DUAL_WRITE_PRIMARY={primary}\n");
            read_text(&text).unwrap().phase
        };
        assert_eq!(phase("legacy"), Some(Phase::DualWrite));
        assert_eq!(phase("new"), Some(Phase::NewPrimary));
    }
    let third = read_text(PHASE_3).unwrap();
    assert_eq!(third.phase, Some(Phase::NewOnly));
}

#[test]
fn all_variables_of_the_pattern_become_flags() {
    let read = read_text(&format!("{ALL}DUAL_WRITE_PRIMARY=legacy")).unwrap();
    let expected = Flags {
        fail_on_new_error: true,
        ..Flags::default()
    };
    assert_eq!(read.flags, expected);
    assert_eq!(read.origins.len(), 10, "{:?}", read.origins);
    for (name, flag) in FLAGS {
        assert!(Flags::names().contains(&flag), "{name}");
        assert_eq!(name.strip_prefix(PREFIX), Some(&*flag.to_uppercase()));
    }
}

#[test]
fn the_prefix_of_the_service_wins_and_that_of_another_is_not_ours() {
    let text = "CART_DUAL_WRITE_BATCH_SIZE=7\nDUAL_WRITE_BATCH_SIZE=9\nAUTH_DUAL_WRITE_BATCH=1\n\
                DUAL_WRITE_LOG_ALL=Yes\nDUAL_WRITE_LOG_ERRORS_ONLY=\n";
    let read = read_text(text).unwrap();
    assert_eq!(read.phase, None);
    assert_eq!(read.flags.batch_size, 7);
    assert!(read.flags.log_all && read.flags.log_errors_only);
    let origin = ("batch_size", "CART_DUAL_WRITE_BATCH_SIZE".to_owned());
    assert!(read.origins.contains(&origin), "{:?}", read.origins);
}

#[test]
fn flags_that_no_variable_sets_stay_as_they_are() {
    let given = Flags {
        batch_size: 3,
        ..Flags::default()
    };
    let read = read([("DUAL_WRITE_LOG_ALL", "1")], "cart", &given).unwrap();
    assert_eq!(read.flags.batch_size, 3);
    assert!(read.flags.log_all);
}

#[test]
fn everything_wrong_is_told_at_once_by_the_name_of_its_variable() {
    let error = errors(
        "DUAL_WRITE_ENABLED=perhaps\nDUAL_WRITE_PRIMARY=both\nDUAL_WRITE_BATCH_SIZE=many\n\
         CART_DUAL_WRITE_SYNC_INTERVAL=0\nDUAL_WRITE_ASYNC_LEGCY=true\n",
    );
    for line in [
        "DUAL_WRITE_ENABLED=`perhaps` is no value of it; expected true or false",
        "DUAL_WRITE_PRIMARY=`both` is no value of it; expected legacy or new",
        "DUAL_WRITE_BATCH_SIZE=`many`",
        "CART_DUAL_WRITE_SYNC_INTERVAL=`0`",
        "DUAL_WRITE_ASYNC_LEGCY is no variable of the pattern; did you mean \
         `DUAL_WRITE_ASYNC_LEGACY`?",
    ] {
        assert!(error.contains(line), "{line}\n{error}");
    }
    assert_eq!(error.lines().count(), 5, "{error}");
}

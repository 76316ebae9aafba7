use super::*;

#[test]
fn codes_lead_to_what_the_caller_does_next() {
    let table = [
        ("40001", "conflict"),
        ("40P01", "conflict"),
        ("55P03", "timeout"),
        ("57014", "timeout"),
        ("42501", "denied"),
        ("53300", "unavailable"),
    ];
    for (code, kind) in table {
        assert_eq!(sqlstate::refused(code, "said").kind(), kind, "{code}");
    }
    for code in ["42P01", "42703", "42804", "0A000", "3F000", "428C9"] {
        assert!(
            matches!(sqlstate::refused(code, "said"), StoreError::Schema(_)),
            "{code}"
        );
    }
    for code in ["22001", "22P02", "22012", "22003"] {
        assert!(
            matches!(sqlstate::refused(code, "said"), StoreError::Value(_)),
            "{code}"
        );
    }
    assert!(matches!(
        sqlstate::refused("P0001", "said"),
        StoreError::Other(_)
    ));
}

#[test]
fn constraints_are_told_apart_by_code() {
    let table = [
        ("23505", Some(ConstraintKind::Unique)),
        ("23503", Some(ConstraintKind::ForeignKey)),
        ("23502", Some(ConstraintKind::NotNull)),
        ("23514", Some(ConstraintKind::Check)),
        ("23P01", Some(ConstraintKind::Check)),
        ("22001", None),
    ];
    for (code, kind) in table {
        assert_eq!(sqlstate::constraint(code), kind, "{code}");
    }
}

#[test]
fn messages_that_may_quote_values_are_not_repeated() {
    for code in ["22P02", "23505", "23514", "P0001", "38000", "ZZ999"] {
        assert!(sqlstate::may_quote(code), "{code}");
    }
    for code in ["42P01", "57014", "40P01", "28P01"] {
        assert!(!sqlstate::may_quote(code), "{code}");
    }
}

use super::*;

#[test]
fn constraints_are_told_by_their_names_and_never_by_values() {
    let unique = statement(
        1062,
        "Duplicate entry 'it's 'PRIMARY'' for key 'code'",
        None,
    );
    let StoreError::Constraint {
        kind, constraint, ..
    } = unique
    else {
        panic!("{unique:?}")
    };
    assert_eq!(
        (kind, constraint.as_str()),
        (ConstraintKind::Unique, "code")
    );
    for key in ["PRIMARY", "items.PRIMARY"] {
        let message = format!("Duplicate entry '7' for key '{key}'");
        let error = statement(1062, &message, None);
        assert!(matches!(
            error,
            StoreError::Constraint {
                kind: ConstraintKind::Key,
                ..
            }
        ));
    }
    let foreign = "Cannot add or update a child row: a foreign key constraint fails \
        (`x`.`notes`, CONSTRAINT `notes_item` FOREIGN KEY (`item`) REFERENCES `items` (`id`))";
    let error = statement(1452, foreign, None).to_string();
    assert!(
        error.contains("notes_item") && !error.contains("Cannot"),
        "{error}"
    );
    let check = "CONSTRAINT `positive` failed for `x`.`t`";
    assert!(
        statement(4025, check, None)
            .to_string()
            .contains("`positive`")
    );
}

#[test]
fn values_never_leave_a_message() {
    let table = [
        (
            1366,
            r"Incorrect string value: '\xF0\x9F' for column `x`.`t`.`name` at row 1",
        ),
        (
            1292,
            "Incorrect datetime value: 'secret' for column `x`.`t`.`name` at row 1",
        ),
        (1406, "Data too long for column 'name' at row 1"),
        (1264, "Out of range value for column 'name' at row 1"),
    ];
    for (number, message) in table {
        let error = statement(number, message, None);
        let StoreError::Value(text) = &error else {
            panic!("{error:?}")
        };
        assert!(text.contains(".name: "), "{text}");
        assert!(!text.contains("secret") && !text.contains("xF0"), "{text}");
    }
    let expression = "BIGINT value is out of range in '(7777 + 1)'";
    assert!(
        !statement(1690, expression, None)
            .to_string()
            .contains("7777")
    );
}

#[test]
fn each_number_says_what_to_do_next() {
    assert!(matches!(statement(1213, "", None), StoreError::Conflict(_)));
    assert!(matches!(statement(1205, "", None), StoreError::Busy(_)));
    assert!(matches!(statement(1142, "", None), StoreError::Denied(_)));
    assert!(matches!(statement(1290, "", None), StoreError::Denied(_)));
    assert!(matches!(statement(1146, "", None), StoreError::Schema(_)));
    assert!(matches!(
        statement(1927, "", None),
        StoreError::Unavailable(_)
    ));
    let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let lost = sqlx::Error::Io(reset);
    assert!(matches!(
        store_error(&lost, None),
        StoreError::Unavailable(_)
    ));
    assert!(matches!(commit_error(&lost), CommitError::Unknown(_)));
}

use super::*;

#[test]
fn each_type_has_its_kind() {
    let table = [
        ("tinyint(1)", Kind::Bool),
        ("bit(1)", Kind::Bool),
        ("tinyint(4)", Kind::Int),
        ("tinyint(1) unsigned", Kind::UInt),
        ("bigint(20)", Kind::Int),
        ("bigint", Kind::Int),
        ("int(10) unsigned zerofill", Kind::UInt),
        ("decimal(10,2)", Kind::Decimal),
        ("float", Kind::Float),
        ("double", Kind::Float),
        ("varchar(80) COLLATE utf8mb4_nopad_bin", Kind::Text),
        ("char(2)", Kind::Text),
        ("longtext COLLATE utf8mb4_general_ci", Kind::Text),
        ("enum('int','b')", Kind::Text),
        ("varbinary(16)", Kind::Bytes),
        ("longblob", Kind::Bytes),
        ("uuid", Kind::Uuid),
        ("timestamp(6)", Kind::Timestamp),
        ("datetime", Kind::DateTime),
        ("date", Kind::Date),
        ("time(3)", Kind::Time),
        ("json", Kind::Json),
    ];
    for (native, kind) in table {
        assert_eq!(Native::of(native).kind(), Ok(kind), "{native}");
    }
}

#[test]
fn types_whose_values_would_change_are_refused_with_what_to_declare() {
    for native in ["float(7,3)", "double(10,2)"] {
        let why = Native::of(native).kind().unwrap_err();
        assert!(why.contains("decimal"), "{native}: {why}");
    }
    for native in [
        "set('a','b')",
        "year(4)",
        "bit(8)",
        "geometry",
        "inet6",
        "vector(3)",
    ] {
        let why = Native::of(native).kind().unwrap_err();
        assert!(why.contains("expected an integer"), "{native}: {why}");
    }
}

#[test]
fn digits_and_members_are_read() {
    let decimal = Native::of("decimal(10,2)");
    assert_eq!((decimal.whole_digits(), decimal.scale()), (8, 2));
    assert_eq!(Native::of("datetime(3)").second_digits(), 3);
    assert_eq!(Native::of("datetime").second_digits(), 0);
    let members = Native::of("enum('a','it''s','(x),y') COLLATE utf8mb4_bin").members;
    assert_eq!(members, ["a", "it's", "(x),y"]);
}

#[test]
fn only_bytewise_collations_are_strict() {
    for loose in [
        "utf8mb4_general_ci",
        "utf8mb4_bin",
        "latin1_bin",
        "utf8mb4_0900_as_cs",
    ] {
        assert!(is_loose(loose), "{loose}");
    }
    for strict in BYTEWISE {
        assert!(!is_loose(strict), "{strict}");
    }
}

use super::*;

fn at(folder: &tempfile::TempDir, name: &str) -> SqliteConfig {
    SqliteConfig::at(folder.path().join(name))
}

#[tokio::test]
async fn a_missing_file_is_refused_and_not_created() {
    let folder = tempfile::tempdir().unwrap();
    let config = at(&folder, "absent.db");
    let error = open(&config).await.unwrap_err();
    assert_eq!(
        error,
        OpenError::Missing {
            path: config.path.clone()
        }
    );
    assert!(error.to_string().contains("mode=rwc"), "{error}");
    assert!(!config.path.exists());
}

#[tokio::test]
async fn a_file_that_may_be_created_is_a_durable_database() {
    let folder = tempfile::tempdir().unwrap();
    let config = SqliteConfig {
        create_if_missing: true,
        ..at(&folder, "new.db")
    };
    let opened = open(&config).await.unwrap();
    assert!(config.path.is_file());
    assert_eq!(opened.writer.status().max, 1);
    assert_eq!(opened.readers.status().max, 4);
    let mut other = writer_options(&config).connect().await.unwrap();
    verify(&config, &mut other).await.unwrap();
}

#[tokio::test]
async fn a_file_of_another_kind_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let config = at(&folder, "letter.txt");
    std::fs::write(&config.path, "Dear Sir or Madam, ".repeat(100)).unwrap();
    let error = open(&config).await.unwrap_err().to_string();
    assert!(
        error.contains("letter.txt") && error.contains("not a database"),
        "{error}"
    );
}

#[tokio::test]
async fn a_setting_that_did_not_take_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let config = SqliteConfig {
        create_if_missing: true,
        ..at(&folder, "weak.db")
    };
    let weak = writer_options(&config).synchronous(SqliteSynchronous::Normal);
    let mut connection = weak.connect().await.unwrap();
    let error = verify(&config, &mut connection)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("synchronous = 1, and 2 is needed"),
        "{error}"
    );
}

#[test]
fn texts_of_one_value_compare_as_equal_and_others_never() {
    assert_eq!(
        canonical(Kind::Decimal, "1.50"),
        canonical(Kind::Decimal, "01.5")
    );
    assert_ne!(
        canonical(Kind::Decimal, "1.50"),
        canonical(Kind::Decimal, "1.51")
    );
    assert_ne!(canonical(Kind::Decimal, "x"), canonical(Kind::Decimal, "y"));
    assert!(by_value(Kind::Text).is_none());
}

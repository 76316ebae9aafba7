//! The harness itself: what the scenarios take for granted.

use anyhow::Result;
use dualwrite_tests::postgres::{Postgres, Settings, connect};
use dualwrite_tests::process::Program;
use dualwrite_tests::{Mariadb, SqliteFile, eventually, mariadb, rows};

async fn count(url: &str) -> Result<i64> {
    let client = connect(url).await?;
    Ok(client
        .query_one("SELECT count(*) FROM t", &[])
        .await?
        .get(0))
}

#[tokio::test]
async fn a_cluster_keeps_what_was_committed_when_it_is_killed() -> Result<()> {
    let mut postgres = Postgres::with(Settings::default().tcp()).await?;
    let url = postgres.create_database("cart").await?;
    let client = connect(&url).await?;
    client
        .batch_execute("CREATE TABLE t (id int); INSERT INTO t VALUES (1), (2)")
        .await?;
    client
        .batch_execute("BEGIN; INSERT INTO t VALUES (3)")
        .await?;

    postgres.kill9().await?;
    assert!(client.simple_query("SELECT 1").await.is_err());
    assert!(connect(&url).await.is_err());

    postgres.restart().await?;
    assert_eq!(count(&url).await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_cluster_restarts_in_good_order_at_the_same_address() -> Result<()> {
    let mut postgres = Postgres::start().await?;
    let url = postgres.create_database("with \"quotes\"").await;
    assert!(url.is_ok());
    let url = postgres.create_database("cart").await?;
    connect(&url)
        .await?
        .batch_execute("CREATE TABLE t (id int)")
        .await?;
    postgres.stop().await?;
    assert!(postgres.stop().await.is_err());
    postgres.restart().await?;
    assert_eq!(count(&url).await?, 0);
    Ok(())
}

#[tokio::test]
async fn settings_reach_the_server() -> Result<()> {
    let settings = Settings::default()
        .durable()
        .max_connections(7)
        .set("work_mem", "1MB");
    let postgres = Postgres::with(settings).await?;
    let client = postgres.connect("postgres").await?;
    for (name, expected) in [
        ("fsync", "on"),
        ("max_connections", "7"),
        ("work_mem", "1MB"),
    ] {
        let row = client
            .query_one("SELECT current_setting($1)", &[&name])
            .await?;
        assert_eq!(row.get::<_, String>(0), expected, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn a_setting_that_the_server_refuses_is_told_with_its_log() -> Result<()> {
    let error = Postgres::with(Settings::default().set("wal_level", "nonsense"))
        .await
        .unwrap_err();
    let text = format!("{error:#}");
    assert!(text.contains("wal_level"), "{text}");
    Ok(())
}

#[tokio::test]
async fn nothing_of_a_dropped_cluster_is_left() -> Result<()> {
    let postgres = Postgres::start().await?;
    let process = format!("/proc/{}", postgres.pid().unwrap());
    assert!(std::fs::exists(&process)?);
    drop(postgres);
    assert!(!std::fs::exists(&process)?);
    Ok(())
}

#[tokio::test]
async fn a_mariadb_server_keeps_what_was_committed_when_it_is_killed() -> Result<()> {
    let mut server = Mariadb::with(mariadb::Settings::default().tcp()).await?;
    let url = server.create_database("cart").await?;
    let mut writer = mariadb::connect(&url).await?;
    let sql =
        "CREATE TABLE t (id int, b varbinary(9)); INSERT INTO t VALUES (1, x'00ff'), (2, NULL)";
    mariadb::execute(&mut writer, sql).await?;
    mariadb::execute(&mut writer, "BEGIN; INSERT INTO t VALUES (3, NULL)").await?;

    server.kill9().await?;
    assert!(mariadb::execute(&mut writer, "DO 1").await.is_err());
    assert!(mariadb::connect(&url).await.is_err());

    server.restart().await?;
    let mut reader = mariadb::connect(&url).await?;
    let found = rows::mariadb(&mut reader, "SELECT id, b FROM t ORDER BY id").await?;
    let cell = |text: &str| Some(text.to_owned());
    assert_eq!(found, [[cell("1"), cell("\\x00ff")], [cell("2"), None]]);
    Ok(())
}

#[tokio::test]
async fn nothing_of_a_dropped_mariadb_server_is_left() -> Result<()> {
    let settings = mariadb::Settings::default().set("max-connections", "17");
    let server = Mariadb::with(settings).await?;
    let mut connection = server.connect("mysql").await?;
    let most = rows::mariadb(&mut connection, "SELECT @@max_connections").await?;
    assert_eq!(most, [[Some("17".to_owned())]]);
    let process = format!("/proc/{}", server.pid().unwrap());
    assert!(std::fs::exists(&process)?);
    drop(server);
    assert!(!std::fs::exists(&process)?);
    Ok(())
}

#[tokio::test]
async fn a_setting_that_a_mariadb_server_refuses_is_told_with_its_log() {
    let settings = mariadb::Settings::default().set("no-such-setting", "1");
    let text = format!("{:#}", Mariadb::with(settings).await.unwrap_err());
    assert!(text.contains("no-such-setting"), "{text}");
}

#[tokio::test]
async fn a_process_is_paused_resumed_and_killed() -> Result<()> {
    let file = SqliteFile::create()?;
    let mut process = Program::named("dualwrite-open-writer")?
        .arg(file.path())
        .serve()
        .await?;
    let status = format!("/proc/{}/stat", process.pid());
    let state = async || std::fs::read_to_string(&status).unwrap_or_default();
    process.sigstop()?;
    eventually("it is stopped", async || state().await.contains(") T ")).await;
    process.sigcont()?;
    eventually("it goes on", async || !state().await.contains(") T ")).await;
    assert!(process.is_running()?);
    process.kill9().await?;
    assert!(!process.is_running()?);
    assert!(
        process.sigcont().is_err(),
        "its number may be somebody else's now"
    );
    Ok(())
}

#[tokio::test]
async fn a_process_is_asked_to_end() -> Result<()> {
    let file = SqliteFile::create()?;
    let mut process = Program::named("dualwrite-open-writer")?
        .arg(file.path())
        .serve()
        .await?;
    let status = process.terminate().await?;
    assert!(!status.success(), "it does not handle the signal: {status}");
    Ok(())
}

#[tokio::test]
async fn a_process_that_ends_before_it_serves_is_told_with_its_log() -> Result<()> {
    let start = Program::named("dualwrite-open-writer")?.serve().await;
    let text = format!("{:#}", start.unwrap_err());
    assert!(
        text.contains("ended before it served") && text.contains("usage:"),
        "{text}"
    );
    Ok(())
}

#[tokio::test]
async fn a_program_that_is_not_built_is_told_with_the_command_that_builds_it() {
    let text = Program::named("dualwrite-nothing").unwrap_err().to_string();
    assert!(text.contains("cargo build --workspace --bins"), "{text}");
}

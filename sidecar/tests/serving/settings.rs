//! Settings from a file, the environment and flags, and what is said of them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use dualwrite_tests::process::Program;

const SECRET: &str = "hunter2";
const LEGACY: &str = "postgresql+asyncpg://cart:hunter2@db.example:5432/poc";

/// `dualwrite-sidecar config check` with these flags and variables: its exit
/// code, and all that it printed, which never holds the password.
async fn check(flags: &[&str], variables: &[(&str, &str)]) -> Result<(Option<i32>, String)> {
    let mut program = Program::named("dualwrite-sidecar")?.args(["config", "check"]);
    for (name, value) in variables {
        program = program.env(name, *value);
    }
    let output = program.args(flags.iter().copied()).run().await?;
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8(printed)?;
    assert!(!printed.contains(SECRET), "{printed}");
    Ok((output.status.code(), printed))
}

fn write(path: &Path, text: &str, mode: u32) -> Result<()> {
    fs::write(path, text)?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    Ok(())
}

/// The line of the table for one setting, its columns a space apart.
fn line(printed: &str, setting: &str) -> String {
    let words = printed
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let found = words
        .into_iter()
        .find(|words| words.first() == Some(&setting));
    found.unwrap_or_default().join(" ")
}

#[tokio::test]
async fn each_layer_wins_over_the_one_below_and_every_origin_is_shown() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("sidecar.yaml");
    let secret = folder.path().join("legacy-url");
    write(&secret, &format!("{LEGACY}\n"), 0o600)?;
    let text = "service: cart\nlisten: 127.0.0.1:1\nhttpListen: 127.0.0.1:2\nnewUrl: sqlite:///new.db\nlog: warn\n";
    write(&file, text, 0o600)?;
    let (file, secret) = (
        file.to_str().context("path")?,
        secret.to_str().context("path")?,
    );
    let variables = [
        ("DUALWRITE_CONFIG", file),
        ("DUALWRITE_LISTEN", "127.0.0.1:3"),
        ("DUALWRITE_HTTP_LISTEN", "127.0.0.1:4"),
        ("LEGACY_DATABASE_URL_FILE", secret),
    ];
    let (code, printed) = check(&["--http-listen", "127.0.0.1:5"], &variables).await?;
    assert_eq!(code, Some(0), "{printed}");
    let expected = [
        ("service", format!("service cart {file}:1:10")),
        ("listen", "listen 127.0.0.1:3 DUALWRITE_LISTEN".to_owned()),
        (
            "http-listen",
            "http-listen 127.0.0.1:5 --http-listen".to_owned(),
        ),
        (
            "legacy-url",
            format!("legacy-url db.example:5432/poc LEGACY_DATABASE_URL_FILE ({secret})"),
        ),
        ("new-url", format!("new-url ///new.db {file}:4:9")),
        ("log", format!("log warn {file}:5:6")),
        ("insecure", "insecure false default".to_owned()),
        ("install", "install never default".to_owned()),
    ];
    for (setting, expected) in expected {
        assert_eq!(line(&printed, setting), expected, "{printed}");
    }
    assert!(printed.contains("warning: no --state-dir"), "{printed}");

    let (_, printed) = check(&["-o", "json"], &variables).await?;
    for word in [
        "\"valid\": true",
        "\"layer\": \"environment\"",
        "\"origin\": \"DUALWRITE_LISTEN\"",
    ] {
        assert!(printed.contains(word), "{printed}");
    }
    Ok(())
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once_with_what_would_be_right() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("sidecar.yaml");
    let path = file.to_str().context("path")?;
    let absent = folder.path().join("absent");
    let absent = absent.to_str().context("path")?;
    write(&file, "listne: 127.0.0.1:1\n", 0o600)?;
    let variables = [
        ("DUALWRITE_CONFIG", path),
        ("DUALWRITE_SERVCE", "cart"),
        ("DUALWRITE_CONTROL_PLANE_PORT", "tcp://10.0.0.1:7400"),
        ("DUALWRITE_CONTROL_PLANE_PORT_7400_TCP_ADDR", "10.0.0.1"),
        ("DUALWRITE_CONTROL_PLANE_SERVICE_HOST", "10.0.0.1"),
        ("DUALWRITE_ENDPOINT", "http://127.0.0.1:7400"),
        ("LEGACY_DATABASE_URL", LEGACY),
        ("LEGACY_DATABASE_URL_FILE", absent),
        ("NEW_DATABASE_URL_FILE", absent),
    ];
    let (code, printed) = check(&["--listen", "here"], &variables).await?;
    assert_eq!(code, Some(1), "{printed}");
    let expected = [
        format!("{path}:1:1: listne: `listne` is no field here; expected `listen`?"),
        "DUALWRITE_SERVCE: no setting of dualwrite-sidecar".to_owned(),
        "did you mean `DUALWRITE_SERVICE`?".to_owned(),
        "is set as well; keep one of them".to_owned(),
        format!("NEW_DATABASE_URL_FILE: cannot read the secret in {absent}"),
        "--listen: `here` is no address".to_owned(),
        "--service (DUALWRITE_SERVICE) is not set".to_owned(),
    ];
    for expected in &expected {
        assert!(printed.contains(expected), "{expected}\n{printed}");
    }
    assert_eq!(printed.matches("error: ").count(), 6, "{printed}");
    Ok(())
}

#[tokio::test]
async fn a_secret_in_a_file_that_everyone_may_read_is_refused() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("sidecar.yaml");
    let path = file.to_str().context("path")?;
    let text = format!("service: cart\nlegacyUrl: {LEGACY}\n");
    write(&file, &text, 0o644)?;
    let (code, printed) = check(&["--config", path], &[]).await?;
    assert_eq!(code, Some(1), "{printed}");
    assert!(printed.contains("chmod o-rwx"), "{printed}");
    write(&file, &text, 0o640)?;
    let (code, printed) = check(&["--config", path], &[]).await?;
    assert_eq!(code, Some(0), "{printed}");
    Ok(())
}

#[tokio::test]
async fn variables_of_the_pattern_have_no_effect_and_that_is_said() -> Result<()> {
    let flags = ["--service", "cart", "--new-url", "sqlite:///new.db"];
    let variables = [("CART_DUAL_WRITE_ENABLED", "true")];
    let (code, printed) = check(&flags, &variables).await?;
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("dualwrite import-env"), "{printed}");
    let both = ["--standalone", "--control-plane", "127.0.0.1:7400"];
    let (code, printed) = check(&[&flags[..], &both].concat(), &variables).await?;
    assert_eq!(code, Some(1), "{printed}");
    let law = "the environment never overrides a control plane";
    assert!(printed.contains(law), "{printed}");
    Ok(())
}

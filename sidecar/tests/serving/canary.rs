//! A password is never emitted, whatever goes wrong and however much is logged: one that can be
//! told from everything else is searched in all that the program says and writes.

use anyhow::{Context, Result};
use dualwrite_tests::canary::{ESCAPED, Emitted, PASSWORD};
use dualwrite_tests::postgres::Settings;
use dualwrite_tests::process::Program;
use dualwrite_tests::{Postgres, eventually, http, ports};

use crate::place::Place;

/// Runs the program to its end, as talkative as it can be.
async fn run(emitted: &mut Emitted, arguments: &[&str], variables: &[(&str, &str)]) -> Result<()> {
    let mut program = Program::named("dualwrite-sidecar")?.env("DUALWRITE_LOG", "trace");
    for (name, value) in variables {
        program = program.env(name, *value);
    }
    let output = program.args(arguments.iter().copied()).run().await?;
    let command = arguments.join(" ");
    emitted.add(&command, &output.stdout);
    emitted.add(&command, &output.stderr);
    Ok(())
}

#[tokio::test]
async fn wrong_settings_never_show_the_password() -> Result<()> {
    let mut emitted = Emitted::default();
    let tails = [
        "localhost/cart?sslmode=loud",
        "localhost/cart?pool=canary",
        "localhost:many/cart",
        "localhost",
        "db.example.test/cart?sslmode=prefer",
        "db.example.test/cart?ssl=require",
        "localhost/cart?sslrootcert=/nowhere",
        "localhost/cart?sslrootcert=%zz",
    ];
    let heads = [
        "postgresql",
        "postgresql+asyncpg",
        "mysql",
        "sqlite",
        "nonsense",
    ];
    for head in heads {
        for tail in tails {
            let tail = tail.replace("canary", "x");
            let url = format!("{head}://cart:{ESCAPED}@{tail}");
            let given = ["--service", "cart", "--new-url", &url];
            run(&mut emitted, &given, &[]).await?;
        }
    }
    let url = format!("cart:{ESCAPED}@localhost/cart");
    for variables in [
        [
            ("NEW_DATABASE_URL", url.as_str()),
            ("LEGACY_DATABASE_URL", ESCAPED),
        ],
        [
            ("NEW_DATABASE_URL", ESCAPED),
            ("LEGACY_DATABASE_URL", url.as_str()),
        ],
    ] {
        for arguments in [
            &["--service", "cart"][..],
            &["--help"],
            &["run", "--help"],
            &["config", "check"],
            &["config", "check", "-o", "json"],
            &["install", "--service", "cart", "--print-sql"],
        ] {
            run(&mut emitted, arguments, &variables).await?;
        }
    }
    assert!(emitted.has("", "sslmode"), "nothing was emitted at all");
    emitted.check(&[]);
    Ok(())
}

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one process, looked at from every side"
)]
async fn a_running_sidecar_never_shows_the_password() -> Result<()> {
    let settings = Settings::default()
        .tcp()
        .admitting("host all all 127.0.0.1/32 scram-sha-256");
    let postgres = Postgres::with(settings).await?;
    postgres.create_database("cart").await?;
    let admin = postgres.connect("cart").await?;
    // The right password for one of the databases, and a wrong one for the other.
    admin
        .batch_execute(&format!(
            "CREATE ROLE cart LOGIN PASSWORD '{PASSWORD}'; CREATE ROLE other LOGIN PASSWORD 'x'"
        ))
        .await?;
    let port = postgres.port().unwrap_or_default();
    let place = Place::new().await?;
    let away = ports::free_port()?;
    let mut emitted = Emitted::default();
    for (user, new_port) in [("cart", port), ("other", port), ("cart", away)] {
        let legacy = format!("postgresql+asyncpg://cart:{ESCAPED}@127.0.0.1:{port}/cart");
        let new = format!(
            "postgresql+asyncpg://{user}:{ESCAPED}@127.0.0.1:{new_port}/cart?connect_timeout=9"
        );
        let variables = [
            ("LEGACY_DATABASE_URL", legacy.as_str()),
            ("NEW_DATABASE_URL", &new),
        ];
        let manifest = place.manifest();
        let manifest = manifest.to_str().context("a path in UTF-8")?;
        let install = ["install", "--service", "cart", "--manifest", manifest];
        run(&mut emitted, &install, &variables).await?;
        let check = ["config", "check", "--service", "cart"];
        run(&mut emitted, &check, &variables).await?;

        let state = place.state();
        let mut process = Program::named("dualwrite-sidecar")?
            .args(["--service", "cart", "--listen", "127.0.0.1:0"])
            .args(["--http-listen", "127.0.0.1:0", "--state-dir"])
            .arg(state.as_os_str())
            .env("DUALWRITE_LOG", "trace")
            .env("LEGACY_DATABASE_URL", &legacy)
            .env("NEW_DATABASE_URL", &new)
            .serve()
            .await?;
        eventually("it has talked to both databases", async || {
            let log = process.log();
            log.contains("the server is set as it must be")
                && (user == "cart" && new_port == port || log.contains("cannot be checked yet"))
        })
        .await;
        emitted.told("the ready file", process.ready());
        if let Some(address) = process.ready().http.clone() {
            for path in [
                "/livez",
                "/readyz?verbose",
                "/metrics",
                "/dual-write/health",
                "/dual-write/status",
            ] {
                let (status, body) = http::plain(&address, "GET", path).await?;
                emitted.add(path, format!("{status}\n{body}").as_bytes());
            }
        }
        process.terminate().await?;
        emitted.add("the log", process.log().as_bytes());
        if state.is_dir() {
            emitted.folder(&state)?;
        }
    }
    for said in ["TRACE", "password authentication failed", "28P01"] {
        assert!(
            emitted.has("", said),
            "it is not as talkative as it can be: no {said}"
        );
    }
    emitted.check(&[]);
    Ok(())
}

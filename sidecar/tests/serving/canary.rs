//! A password is never emitted, whatever goes wrong and however much is logged: one that can be
//! told from everything else is searched in all that the program says and writes.

use std::path::Path;

use anyhow::{Context, Result};
use dualwrite_tests::postgres::Settings;
use dualwrite_tests::process::Program;
use dualwrite_tests::{Postgres, eventually, ports};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::place::Place;

/// The password, as a URL has it.
const ESCAPED: &str = "canary%2BPa5s%2Fword%26x";

/// The password in clear text and in a URL, parts of it that survive a cut, and what base64 makes of it at
/// each of the three offsets.
const NEEDLES: [&str; 6] = [
    "canary+",
    "canary%2B",
    "Pa5s",
    "Y2FuYXJ5K1BhNXMvd29yZC",
    "hbmFyeStQYTVzL3dvcmQ",
    "YW5hcnkrUGE1cy93b3JkJ",
];

/// All that was emitted so far.
#[derive(Default)]
struct Emitted(String);

impl Emitted {
    /// Runs the program to its end, as talkative as it can be.
    async fn run(&mut self, arguments: &[&str], variables: &[(&str, &str)]) -> Result<()> {
        let mut program = Program::named("dualwrite-sidecar")?.env("DUALWRITE_LOG", "trace");
        for (name, value) in variables {
            program = program.env(name, *value);
        }
        let output = program.args(arguments.iter().copied()).run().await?;
        self.add(&output.stdout);
        self.add(&output.stderr);
        Ok(())
    }

    fn add(&mut self, bytes: &[u8]) {
        self.0.push_str(&String::from_utf8_lossy(bytes));
    }

    /// Adds every file beneath a folder.
    fn add_folder(&mut self, folder: &Path) -> Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.add_folder(&path)?;
            } else if path.is_file() {
                self.add(&std::fs::read(path)?);
            }
        }
        Ok(())
    }

    fn check(&self) {
        for needle in NEEDLES {
            let found = self.0.find(needle).map(|at| {
                let from = at.saturating_sub(200);
                String::from_utf8_lossy(&self.0.as_bytes()[from..at]).into_owned()
            });
            assert_eq!(found, None, "`{needle}` was emitted; before it stands this");
        }
    }
}

/// Asks the program over HTTP.
async fn get(address: &str, path: &str) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(answer)
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
            emitted.run(&given, &[]).await?;
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
            emitted.run(arguments, &variables).await?;
        }
    }
    assert!(emitted.0.contains("sslmode"), "nothing was emitted at all");
    emitted.check();
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
        .batch_execute(
            "CREATE ROLE cart LOGIN PASSWORD 'canary+Pa5s/word&x'; CREATE ROLE other LOGIN PASSWORD 'x'",
        )
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
        emitted.run(&install, &variables).await?;
        emitted
            .run(&["config", "check", "--service", "cart"], &variables)
            .await?;

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
        emitted.add(format!("{:?}", process.ready()).as_bytes());
        if let Some(http) = process.ready().http.clone() {
            for path in [
                "/livez",
                "/readyz?verbose",
                "/metrics",
                "/dual-write/health",
                "/dual-write/status",
            ] {
                emitted.add(&get(&http, path).await?);
            }
        }
        process.terminate().await?;
        emitted.add(process.log().as_bytes());
        if state.is_dir() {
            emitted.add_folder(&state)?;
        }
    }
    for said in ["TRACE", "password authentication failed", "28P01"] {
        assert!(
            emitted.0.contains(said),
            "it is not as talkative as it can be: no {said}"
        );
    }
    emitted.check();
    Ok(())
}

//! Encrypted connections of a running sidecar: whom it believes, and what it says aloud.

use anyhow::{Context as _, Result};
use dualwrite_tests::postgres::Settings;
use dualwrite_tests::postgres::certificates::Authority;
use dualwrite_tests::process::Program;
use dualwrite_tests::{Postgres, Process, eventually};
use serde_json::Value;

use crate::place::{Place, http};

/// A name beyond loopback; its address is said in each URL.
const HOST: &str = "db.example.test";

struct Server {
    postgres: Postgres,
    authority: Authority,
    place: Place,
}

impl Server {
    async fn new() -> Result<Self> {
        let authority = Authority::new("the right authority")?;
        let settings = Settings::default()
            .tls(&authority.server(HOST)?)
            .admitting("hostssl all all 127.0.0.1/32 scram-sha-256");
        let postgres = Postgres::with(settings).await?;
        postgres.create_database("cart").await?;
        let admin = postgres.connect("cart").await?;
        let prepare = "CREATE ROLE cart LOGIN SUPERUSER PASSWORD 'x';
            CREATE TABLE cart (id bigint PRIMARY KEY, user_id text NOT NULL)";
        admin.batch_execute(prepare).await?;
        Ok(Self {
            postgres,
            authority,
            place: Place::new().await?,
        })
    }

    fn url(&self, host: &str, options: &str) -> String {
        let port = self.postgres.port().unwrap_or_default();
        format!("postgresql://cart:x@{host}:{port}/cart?hostaddr=127.0.0.1{options}")
    }

    /// The option that trusts an authority.
    fn trusting(&self, authority: &Authority, name: &str) -> Result<String> {
        let state = self.place.state();
        std::fs::create_dir_all(&state)?;
        let path = authority.write(&state, name)?;
        Ok(format!("&sslrootcert={}", path.display()))
    }

    /// A sidecar whose new database is at this URL.
    fn program(&self, url: &str) -> Result<Program> {
        let program = Program::named("dualwrite-sidecar")?
            .args(["--service", "cart", "--listen", "127.0.0.1:0"])
            .args(["--http-listen", "127.0.0.1:0", "--new-url", url])
            .args(["--legacy-url", &self.place.legacy.url()]);
        Ok(program)
    }
}

/// What `GET /dual-write/health` says of the new database.
async fn new_database(process: &Process) -> Result<Value> {
    let (_, body) = http(process, "GET", "/dual-write/health").await?;
    let health: Value = serde_json::from_str(&body).context(body)?;
    Ok(health["databases"]["new"].clone())
}

#[tokio::test]
async fn another_authority_and_another_name_are_refused_and_said_apart() -> Result<()> {
    let server = Server::new().await?;
    let right = server.trusting(&server.authority, "right.pem")?;
    let other = server.trusting(&Authority::new("another authority")?, "other.pem")?;
    for (host, options, says) in [
        (HOST, &right, None),
        (
            HOST,
            &other,
            Some("not signed by an authority that is trusted here"),
        ),
        (
            "elsewhere.example.test",
            &right,
            Some("is for another host"),
        ),
    ] {
        let process = server.program(&server.url(host, options))?.serve().await?;
        eventually("its health says so", async || {
            let told = new_database(&process)
                .await
                .map_err(|error| error.to_string())?;
            let error = told["error"].as_str().unwrap_or_default();
            let expected = match says {
                None => told["connected"] == true,
                Some(says) => told["connected"] == false && error.contains(says),
            };
            if expected {
                Ok(())
            } else {
                Err(told.to_string())
            }
        })
        .await;
        let log = process.log();
        assert!(
            !log.contains("does not verify"),
            "nothing was weakened: {log}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_weaker_connection_is_refused_unless_it_is_allowed_and_then_said_aloud() -> Result<()> {
    let server = Server::new().await?;
    let weak = server.url(HOST, "&sslmode=require");
    let refused = server.program(&weak)?.run().await?;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("--insecure-databases"), "{said}");

    let process = server
        .program(&weak)?
        .arg("--insecure-databases")
        .serve()
        .await?;
    eventually("it says so in its log", async || {
        let log = process.log();
        let warned = log
            .lines()
            .any(|line| line.contains("WARN") && line.contains("sslmode=require"));
        if warned { Ok(()) } else { Err(log) }
    })
    .await;
    let address = format!("http://{}", process.ready().grpc);
    let doctor = Program::named("dualwrite")?
        .args(["doctor", "--sidecar", &address, "-o", "json"])
        .run()
        .await?;
    let found: Value = serde_json::from_slice(&doctor.stdout)?;
    let findings = found.as_array().or_else(|| found["findings"].as_array());
    let findings = findings.with_context(|| found.to_string())?;
    let tls = findings
        .iter()
        .find(|one| one["check"] == "tls" && one["side"] == "new");
    let tls = tls.with_context(|| found.to_string())?;
    assert_ne!(tls["severity"], "ok", "{tls}");
    Ok(())
}

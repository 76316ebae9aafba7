//! A password is never emitted by any of the programs: one that can be told from everything else is searched in
//! all that a whole fleet says, answers and keeps, as talkative as it can be.

use anyhow::{Context as _, Result};
use dualwrite_client::{DualwriteClient, fields};
use dualwrite_proto::v1::{self, Phase};
use dualwrite_tests::canary::{ESCAPED, Emitted, PASSWORD};
use dualwrite_tests::cart::{MANIFEST, Which};
use dualwrite_tests::fleet::RunningFleet;
use dualwrite_tests::postgres::Settings;
use dualwrite_tests::process::Program;
use dualwrite_tests::service::{CART, Dialect};
use dualwrite_tests::{Fleet, Operator, Postgres, eventually, http};

const TOKEN: &str = "t0ken-of-the-operator";

/// A server that asks for the password, with both databases of the example.
async fn server() -> Result<Postgres> {
    let settings = Settings::default()
        .tcp()
        .admitting("host all all 127.0.0.1/32 scram-sha-256");
    let postgres = Postgres::with(settings).await?;
    let role = format!("CREATE ROLE cart LOGIN SUPERUSER PASSWORD '{PASSWORD}'");
    postgres
        .connect("postgres")
        .await?
        .batch_execute(&role)
        .await?;
    for (which, database) in [(Which::Legacy, "shop"), (Which::New, "cart")] {
        postgres.create_database(database).await?;
        let admin = postgres.connect(database).await?;
        admin
            .batch_execute(&CART.script(which, Dialect::Postgres))
            .await?;
    }
    Ok(postgres)
}

/// What an operator types while all is well.
const LINES: [&str; 16] = [
    "list",
    "status cart",
    "status cart -o json",
    "phase get cart",
    "flags get cart",
    "flags set cart log_all=true --wait",
    "sidecars cart",
    "history cart -o json",
    "jobs cart",
    "validate cart --key 7",
    "test cart",
    "doctor cart",
    "doctor cart -o json",
    "phase advance cart --dry-run",
    "retire cart --reason x --yes",
    "nonsense",
];

/// What an operator types while something is wrong.
const IN_TROUBLE: [&str; 3] = [
    "status cart -o json",
    "validate cart --key 7",
    "doctor cart",
];

/// Types these lines, with a token in a file.
async fn type_all(fleet: &RunningFleet, lines: &[&str], emitted: &mut Emitted) -> Result<()> {
    let token = fleet.folder().join("token");
    std::fs::write(&token, TOKEN)?;
    for line in lines {
        let output = Program::named("dualwrite")?
            .args(line.split(' '))
            .env("DUALWRITE_ENDPOINT", fleet.control_plane_url())
            .env("DUALWRITE_TOKEN_FILE", token.as_os_str())
            .env("RUST_LOG", "trace")
            .run()
            .await?;
        emitted.add(line, &output.stdout);
        emitted.add(line, &output.stderr);
    }
    std::fs::remove_file(token).context("the token goes before the folder is searched")
}

/// What is answered over HTTP by both programs.
async fn ask_all(fleet: &mut RunningFleet, emitted: &mut Emitted) -> Result<()> {
    let sidecar = fleet.sidecar(0)?.ready().http.clone().context("HTTP")?;
    let plane = fleet
        .control_plane()?
        .ready()
        .http
        .clone()
        .context("HTTP")?;
    for (address, method, path) in [
        (&sidecar, "GET", "/metrics"),
        (&sidecar, "GET", "/readyz?verbose"),
        (&sidecar, "GET", "/version"),
        (&sidecar, "GET", "/dual-write/status"),
        (&sidecar, "GET", "/dual-write/health"),
        (&sidecar, "GET", "/dual-write/metrics"),
        (&sidecar, "POST", "/dual-write/test-operation"),
        (&sidecar, "POST", "/dual-write/validate-sync/7"),
        (&sidecar, "POST", "/dual-write/validate-sync/cart/x"),
        (&plane, "GET", "/"),
        (&plane, "GET", "/migrations/cart"),
        (&plane, "GET", "/metrics"),
        (&plane, "GET", "/readyz"),
    ] {
        let (status, body) = http::plain(address, method, path).await?;
        emitted.add(path, format!("{status}\n{body}").as_bytes());
    }
    Ok(())
}

/// What callers are told, right or wrong.
async fn call_all(operator: &Operator, client: &DualwriteClient, emitted: &mut Emitted) {
    let write = client.write().upsert("cart", fields! { id: "x" });
    emitted.told("a wrong write", &write.send().await);
    let visit = fields! { id: "user-1" };
    let write = client
        .write()
        .increment("user", visit, fields! { visits: 1 });
    emitted.told("a write", &write.send().await);
    let read = client.read("cart", fields! { id: 7 });
    emitted.told("a read", &read.send().await);
    let key = [("id".to_owned(), "7".to_owned())].into();
    let check = v1::ValidateKeyRequest {
        name: "cart".into(),
        entity: String::new(),
        key,
    };
    emitted.told("a check", &operator.api().validate_key(check).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_fleet_never_shows_a_password() -> Result<()> {
    let mut postgres = server().await?;
    let port = postgres.port().context("a port")?;
    let url = |database| format!("postgresql+asyncpg://cart:{ESCAPED}@127.0.0.1:{port}/{database}");
    let mut fleet = Fleet::of("cart", url("shop"), url("cart"))
        .env("DUALWRITE_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .start()
        .await?;
    let operator = Operator::of("cart", &fleet.control_plane_url())?;
    operator.apply(MANIFEST).await?;
    fleet.add_sidecar().await?;
    operator.followed_by(1).await?;
    operator.phase(Phase::DualWrite, "to be looked at").await?;
    let mut emitted = Emitted::default();
    let client = DualwriteClient::builder()
        .endpoint(fleet.sidecar_url(0)?)
        .timeout(std::time::Duration::from_secs(2))
        .connect()?;
    call_all(&operator, &client, &mut emitted).await;
    type_all(&fleet, &LINES, &mut emitted).await?;
    ask_all(&mut fleet, &mut emitted).await?;

    // The same while a password is refused, and while nobody is there.
    let other = "ALTER ROLE cart PASSWORD 'another'; SELECT pg_terminate_backend(pid) \
                 FROM pg_stat_activity WHERE application_name LIKE 'dualwrite%'";
    postgres
        .connect("postgres")
        .await?
        .batch_execute(other)
        .await?;
    eventually("the password is refused", async || {
        let log = fleet.sidecar(0).map(|sidecar| sidecar.log());
        log.is_ok_and(|log| log.contains("password authentication failed"))
    })
    .await;
    call_all(&operator, &client, &mut emitted).await;
    type_all(&fleet, &IN_TROUBLE, &mut emitted).await?;
    ask_all(&mut fleet, &mut emitted).await?;
    postgres.kill9().await?;
    call_all(&operator, &client, &mut emitted).await;
    type_all(&fleet, &IN_TROUBLE, &mut emitted).await?;
    ask_all(&mut fleet, &mut emitted).await?;

    emitted.add("the sidecar's log", fleet.sidecar(0)?.log().as_bytes());
    fleet.sidecar(0)?.terminate().await?;
    emitted.add(
        "the control plane's log",
        fleet.control_plane()?.log().as_bytes(),
    );
    fleet.control_plane()?.terminate().await?;
    emitted.folder(fleet.folder())?;
    // It is as talkative as it can be, and it was looked where it had to be.
    for (whence, word) in [
        ("the sidecar's log", "TRACE"),
        ("the control plane's log", "TRACE"),
        ("control-plane.sqlite", "SQLite format"),
        ("/state/", "revision"),
        ("/dual-write/health", "password authentication failed"),
        ("doctor cart", "legacy"),
        ("a write", "PrimaryUnavailable"),
    ] {
        assert!(emitted.has(whence, word), "no `{word}` in {whence}");
    }
    emitted.check(&[TOKEN]);
    Ok(())
}

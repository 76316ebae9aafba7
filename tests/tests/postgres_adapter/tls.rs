//! Encrypted connections: who is believed, and what is said of whom is not.
//!
//! `host=db.example.test` with `hostaddr=127.0.0.1` is a name beyond loopback at an address of
//! loopback.

use anyhow::Result;
use dualwrite_core::diagnosis::Severity;
use dualwrite_engine::store::{Store, StoreError};
use dualwrite_postgres::{ConfigError, Encryption, PostgresConfig, PostgresStore};
use dualwrite_tests::Postgres;
use dualwrite_tests::postgres::Settings;
use dualwrite_tests::postgres::certificates::{Authority, Identity};
use tempfile::TempDir;

use crate::world::config;

const HOST: &str = "db.example.test";

/// In clear text the password is `p@ss/word`.
const PASSWORD: &str = "p%40ss%2Fword";

/// A server with TLS, a role with a password, and the files that a client needs.
struct Bench {
    postgres: Postgres,
    authority: Authority,
    folder: TempDir,
}

impl Bench {
    /// A server that shows what `identity` makes, and lets in by `rule` (the last word of a line of
    /// `pg_hba.conf`).
    async fn new(
        rule: &str,
        identity: impl FnOnce(&Authority) -> Result<Identity>,
    ) -> Result<Self> {
        let authority = Authority::new("the right authority")?;
        let settings = Settings::default()
            .durable()
            .tls(&identity(&authority)?)
            .trusting(&authority)
            .admitting(&format!("hostssl all all 127.0.0.1/32 {rule}"));
        let postgres = Postgres::with(settings).await?;
        postgres.create_database("cart").await?;
        let client = postgres.connect("cart").await?;
        client
            .batch_execute("CREATE ROLE cart LOGIN PASSWORD 'p@ss/word'")
            .await?;
        Ok(Self {
            postgres,
            authority,
            folder: tempfile::tempdir()?,
        })
    }

    /// A URL as SQLAlchemy has it, with the right authority unless the options name another.
    fn url(&self, host: &str, options: &str) -> Result<String> {
        let port = self.postgres.port().unwrap_or_default();
        let root = self.authority.write(self.folder.path(), "right.pem")?;
        let root = if options.contains("sslrootcert") || options.contains("disable") {
            String::new()
        } else {
            format!("&sslrootcert={}", root.display())
        };
        Ok(format!(
            "postgresql+asyncpg://cart:{PASSWORD}@{host}:{port}/cart?hostaddr=127.0.0.1{root}{options}"
        ))
    }

    /// What a client meets, with weak modes allowed.
    async fn meets(&self, host: &str, options: &str) -> Result<Result<Encryption, StoreError>> {
        let config = PostgresConfig {
            allow_insecure: true,
            ..config(&self.url(host, options)?)
        };
        let store = PostgresStore::connect(&config)?;
        let met = store.encryption().await;
        let shown = format!("{met:?} {store:?} {:?}", store.pool());
        assert!(
            !shown.contains("p@ss") && !shown.contains("p%40ss"),
            "{shown}"
        );
        Ok(met)
    }
}

fn refusal(met: Result<Encryption, StoreError>) -> String {
    met.expect_err("this was to be refused").to_string()
}

#[tokio::test]
async fn beyond_loopback_a_connection_is_encrypted_and_verified_without_being_asked() -> Result<()>
{
    let bench = Bench::new("scram-sha-256", |authority| authority.server(HOST)).await?;
    let store = PostgresStore::connect(&config(&bench.url(HOST, "&channel_binding=require")?))?;
    let met = store.encryption().await?;
    let (version, cipher) = met.tls.expect("the server says that it encrypts");
    assert!(version.starts_with("TLSv1.") && !cipher.is_empty());
    assert_eq!((met.mode, met.weakness), ("verify-full", None));
    let findings = store.diagnose("cart").await?;
    let tls = findings.iter().find(|one| one.check == "tls");
    let tls = tls.expect("it is looked at");
    assert_eq!(tls.severity, Severity::Ok, "{tls:?}");
    assert!(tls.detail.contains("TLSv1."), "{tls:?}");
    Ok(())
}

#[tokio::test]
async fn an_authority_that_is_not_trusted_is_told_from_another_host() -> Result<()> {
    let bench = Bench::new("scram-sha-256", |authority| authority.server(HOST)).await?;
    let other = Authority::new("another authority")?.write(bench.folder.path(), "other.pem")?;
    let other = format!("&sslrootcert={}", other.display());

    let unknown = refusal(bench.meets(HOST, &other).await?);
    assert!(
        unknown.contains("not signed by an authority that is trusted here"),
        "{unknown}"
    );
    let elsewhere = refusal(bench.meets("elsewhere.example.test", "").await?);
    assert!(
        elsewhere.contains("is for another host") && elsewhere.contains(HOST),
        "{elsewhere}"
    );
    // Each weaker mode believes what it says it believes, and nothing more.
    let by_authority = bench
        .meets("elsewhere.example.test", "&sslmode=verify-ca")
        .await?;
    assert!(by_authority?.weakness.is_some());
    let unknown = refusal(
        bench
            .meets(HOST, &format!("{other}&sslmode=verify-ca"))
            .await?,
    );
    assert!(unknown.contains("not signed by an authority"), "{unknown}");
    let blind = bench
        .meets("elsewhere.example.test", "&ssl=require&sslrootcert=system")
        .await;
    // `require` with an authority looks at it, as libpq does.
    assert!(blind.is_err() || blind?.is_err());
    Ok(())
}

#[tokio::test]
async fn an_expired_certificate_is_refused_as_such() -> Result<()> {
    let bench = Bench::new("scram-sha-256", |authority| authority.expired_server(HOST)).await?;
    let expired = refusal(bench.meets(HOST, "").await?);
    assert!(expired.contains("has expired"), "{expired}");
    Ok(())
}

#[tokio::test]
async fn clear_text_is_refused_by_a_server_that_wants_tls_and_tls_by_one_that_has_none()
-> Result<()> {
    let bench = Bench::new("scram-sha-256", |authority| authority.server(HOST)).await?;
    let met = bench.meets(HOST, "&sslmode=disable").await?;
    assert!(matches!(met, Err(StoreError::Denied(_))), "{met:?}");
    let plain = refusal(met);
    assert!(plain.contains("sslmode=verify-full"), "{plain}");

    let postgres = Postgres::with(Settings::default().tcp()).await?;
    postgres.create_database("cart").await?;
    let port = postgres.port().unwrap_or_default();
    for mode in ["require", "verify-full"] {
        let url = format!("postgres://postgres@localhost:{port}/cart?sslmode={mode}");
        let store = PostgresStore::connect(&config(&url))?;
        let none = store.ping().await.unwrap_err().to_string();
        assert!(none.contains("the server offers no TLS"), "{none}");
        assert_eq!(store.pool().last_error, Some(none));
    }
    Ok(())
}

#[tokio::test]
async fn over_loopback_nothing_is_encrypted_unless_the_url_says_so() -> Result<()> {
    let bench = Bench::new(
        "scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256",
        |authority| authority.server("localhost"),
    )
    .await?;
    let port = bench.postgres.port().unwrap_or_default();
    let root = bench.authority.write(bench.folder.path(), "right.pem")?;
    let verified = format!("?sslmode=verify-full&sslrootcert={}", root.display());
    // The last two are encrypted, and verify nothing; who falls back does so only here.
    let modes = [
        ("", false),
        (verified.as_str(), true),
        ("?ssl=require", true),
        ("?sslmode=prefer", true),
    ];
    for (options, encrypted) in modes {
        let url = format!("postgresql://cart:{PASSWORD}@localhost:{port}/cart{options}");
        let met = PostgresStore::connect(&config(&url))?.encryption().await?;
        assert_eq!(
            (met.tls.is_some(), met.weakness),
            (encrypted, None),
            "{options}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_knows_its_clients_by_certificates_is_shown_one() -> Result<()> {
    let bench = Bench::new("cert", |authority| authority.server(HOST)).await?;
    let folder = bench.folder.path();
    let option = |(certificate, key): (std::path::PathBuf, std::path::PathBuf)| {
        format!(
            "&sslcert={}&sslkey={}",
            certificate.display(),
            key.display()
        )
    };
    let right = option(bench.authority.client("cart")?.write(folder, "right")?);
    assert!(bench.meets(HOST, &right).await??.tls.is_some());

    let met = bench.meets(HOST, "").await?;
    assert!(matches!(met, Err(StoreError::Denied(_))), "{met:?}");
    let missing = refusal(met);
    assert!(missing.contains("client certificate"), "{missing}");

    let stranger = Authority::new("another authority")?.client("cart")?;
    let stranger = refusal(
        bench
            .meets(HOST, &option(stranger.write(folder, "stranger")?))
            .await?,
    );
    assert!(
        stranger.contains("the server refuses the client certificate"),
        "{stranger}"
    );
    Ok(())
}

#[tokio::test]
async fn a_replaced_authority_is_followed_by_new_connections() -> Result<()> {
    let bench = Bench::new("scram-sha-256", |authority| authority.server(HOST)).await?;
    let file = bench.folder.path().join("rotating.pem");
    let other = Authority::new("another authority")?;
    std::fs::write(&file, other.certificate())?;
    let url = bench.url(HOST, &format!("&sslrootcert={}", file.display()))?;
    let store = PostgresStore::connect(&config(&url))?;
    assert!(store.ping().await.is_err());
    std::fs::write(
        &file,
        format!("{}{}", other.certificate(), bench.authority.certificate()),
    )?;
    store.ping().await?;
    Ok(())
}

#[test]
fn what_is_weak_beyond_loopback_must_be_allowed_aloud() {
    for mode in [
        "sslmode=disable",
        "ssl=require",
        "sslmode=verify-ca",
        "ssl=false",
    ] {
        let strict = config(&format!("postgres://u:secret@{HOST}/d?{mode}"));
        let error = PostgresStore::connect(&strict).unwrap_err();
        assert!(
            matches!(error, ConfigError::Insecure { .. }),
            "{mode}: {error}"
        );
        assert!(
            error.to_string().contains("--insecure-databases"),
            "{error}"
        );
        // A file of authorities is not there in this test.
        if mode.contains("verify-ca") {
            continue;
        }
        let allowed = PostgresConfig {
            allow_insecure: true,
            ..strict
        };
        assert!(
            PostgresStore::connect(&allowed)
                .unwrap()
                .weakness()
                .is_some()
        );
    }
}

//! Two databases, a manifest, and the program.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Output;

use anyhow::{Context, Result};
use dualwrite_proto::v1;
use dualwrite_proto::v1::data_service_client::DataServiceClient;
use dualwrite_proto::v1::value::Kind;
use dualwrite_tests::process::Program;
use dualwrite_tests::{Process, SqliteFile};
use tempfile::TempDir;
use tonic::transport::{Channel, Endpoint};

const MANIFEST: &str = "
apiVersion: dualwrite/v1
kind: Migration
metadata:
  name: cart
spec:
  entities:
    - name: cart
      root: true
      key: [id]
      legacy: { table: carts }
      new: { table: cart }
      columns:
        - { legacy: id, new: id }
        - { legacy: owner, new: user_id }
";

/// Everything that one scenario needs.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) legacy: SqliteFile,
    pub(crate) new: SqliteFile,
    folder: TempDir,
}

impl Place {
    pub(crate) async fn new() -> Result<Self> {
        let (legacy, new) = (SqliteFile::create()?, SqliteFile::create()?);
        legacy
            .execute("CREATE TABLE carts (id INTEGER PRIMARY KEY, owner TEXT NOT NULL)")
            .await?;
        new.execute("CREATE TABLE cart (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL)")
            .await?;
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("cart.yaml"), MANIFEST)?;
        Ok(Self {
            legacy,
            new,
            folder,
        })
    }

    /// The same place, its manifest in this phase.
    pub(crate) fn in_phase(self, phase: &str) -> Result<Self> {
        let spec = format!("spec:\n  phase: {phase}\n");
        std::fs::write(self.manifest(), MANIFEST.replace("spec:\n", &spec))?;
        Ok(self)
    }

    pub(crate) fn manifest(&self) -> PathBuf {
        self.folder.path().join("cart.yaml")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("cart.sock")
    }

    /// `dualwrite-sidecar COMMAND` with the service and both databases.
    pub(crate) fn program(&self, command: &str) -> Result<Program> {
        let program = Program::named("dualwrite-sidecar")?.arg(command);
        Ok(program
            .args(["--service", "cart"])
            .args(["--legacy-url", &self.legacy.url()])
            .args(["--new-url", &self.new.url()]))
    }

    pub(crate) async fn install(&self, more: &[&str]) -> Result<Output> {
        let program = self
            .program("install")?
            .arg("--manifest")
            .arg(self.manifest());
        program.args(more.iter().copied()).run().await
    }

    pub(crate) async fn serve(&self) -> Result<Process> {
        self.program("run")?
            .args(["--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"])
            .arg("--socket")
            .arg(self.socket())
            .arg("--state-dir")
            .arg(self.state())
            .serve()
            .await
    }
}

pub(crate) async fn channel(uri: String) -> Result<Channel> {
    Ok(Endpoint::from_shared(uri)?.connect().await?)
}

pub(crate) async fn client(uri: String) -> Result<DataServiceClient<Channel>> {
    Ok(DataServiceClient::new(channel(uri).await?))
}

/// The status line and body of a probe.
pub(crate) async fn probe(process: &Process, path: &str) -> Result<(String, String)> {
    http(process, "GET", path).await
}

/// The status line and body of what a path answers.
pub(crate) async fn http(process: &Process, method: &str, path: &str) -> Result<(String, String)> {
    let address = process.ready().http.clone().context("it serves no HTTP")?;
    dualwrite_tests::http::plain(&address, method, path).await
}

pub(crate) fn upsert(id: i64, user: &str) -> v1::WriteRequest {
    let value = |kind| v1::Value { kind: Some(kind) };
    let values = BTreeMap::from([
        ("id".to_owned(), value(Kind::Integer(id))),
        ("user_id".to_owned(), value(Kind::Text(user.to_owned()))),
    ]);
    let mutation = v1::Mutation {
        entity: "cart".to_owned(),
        kind: Some(v1::mutation::Kind::Upsert(v1::Upsert { values })),
        must_match: false,
    };
    v1::WriteRequest {
        mutations: vec![mutation],
        ..v1::WriteRequest::default()
    }
}

pub(crate) fn read(id: i64) -> v1::ReadRequest {
    let id = v1::Value {
        kind: Some(Kind::Integer(id)),
    };
    v1::ReadRequest {
        entity: "cart".to_owned(),
        key: BTreeMap::from([("id".to_owned(), id)]),
        consistency: 0,
    }
}

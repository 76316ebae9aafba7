//! Throw-away PostgreSQL clusters.
//!
//! `initdb` runs once per server version and user; what it made is kept in the build folder and
//! copied for each cluster, so that a cluster is there in a fraction of a second. It serves on a
//! Unix socket in its own folder and, when asked, on a loopback port. The server refuses to run as
//! root: there it runs as an unprivileged user, who then owns the cluster's folder.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use dualwrite_tests::Postgres;
//!
//! let postgres = Postgres::start().await?;
//! let url = postgres.create_database("cart").await?;
//! let client = dualwrite_tests::postgres::connect(&url).await?;
//! client.batch_execute("CREATE TABLE items (id bigint PRIMARY KEY)").await?;
//! # Ok(()) }
//! ```

pub mod certificates;
mod crash;
mod programs;
mod settings;
mod start;
mod template;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::task::AbortHandle;
use tokio_postgres::{Client, NoTls};

use crate::child::Child;
use crate::process::Program;

pub use settings::Settings;

/// The port in the name of the Unix socket, when there is no TCP port.
const SOCKET_PORT: u16 = 5432;

/// The superuser that `initdb` makes; nobody needs a password.
const SUPERUSER: &str = "postgres";

/// A running cluster. Dropping it ends the server and removes everything.
#[derive(Debug)]
pub struct Postgres {
    // Dropped first: the folder goes when nobody uses it any more.
    server: Option<Child>,
    settings: Settings,
    port: u16,
    folder: TempDir,
}

impl Postgres {
    /// Starts a cluster with the default [`Settings`].
    pub async fn start() -> Result<Self> {
        Self::with(Settings::default()).await
    }

    /// Starts a cluster.
    pub async fn with(settings: Settings) -> Result<Self> {
        start::new_cluster(settings).await
    }

    /// URL of a database of this cluster, for tokio-postgres and sqlx alike: over TCP when
    /// [`Settings::tcp`] asked for it, else over the Unix socket.
    pub fn url(&self, database: &str) -> String {
        if self.settings.tcp {
            self.tcp_url(database)
        } else {
            self.socket_url(database)
        }
    }

    fn tcp_url(&self, database: &str) -> String {
        format!("postgres://{SUPERUSER}@127.0.0.1:{}/{database}", self.port)
    }

    fn socket_url(&self, database: &str) -> String {
        let folder = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://{SUPERUSER}@{folder}:{}/{database}", self.port)
    }

    /// The TCP port, when [`Settings::tcp`] asked for one.
    pub fn port(&self) -> Option<u16> {
        self.settings.tcp.then_some(self.port)
    }

    /// Process number of the server, when it runs.
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().map(Child::pid)
    }

    /// Creates a database and returns its URL.
    pub async fn create_database(&self, name: &str) -> Result<String> {
        let client = self.connect(SUPERUSER).await?;
        let create = format!("CREATE DATABASE \"{}\"", name.replace('"', "\"\""));
        client
            .batch_execute(&create)
            .await
            .with_context(|| format!("create database {name}"))?;
        Ok(self.url(name))
    }

    /// Opens a connection to a database.
    pub async fn connect(&self, database: &str) -> Result<Client> {
        // Over the socket also where TCP wants TLS or a password.
        connect(&self.socket_url(database)).await
    }

    /// Shuts down in good order: connections are cut, everything is written.
    pub async fn stop(&mut self) -> Result<()> {
        let server = self
            .server
            .as_mut()
            .context("the cluster is already stopped")?;
        server.signal(Signal::INT)?;
        let status = server.wait().await?;
        ensure!(
            status.success(),
            "the server stopped with {status}:\n{}",
            server.log_tail()
        );
        self.server = None;
        Ok(())
    }

    /// Kills the server and its backends at once, as the end of the machine would: what was not
    /// written to the operating system is lost, clients see the connection break.
    pub async fn kill9(&mut self) -> Result<()> {
        let server = self
            .server
            .as_mut()
            .context("the cluster is already stopped")?;
        crash::kill_with_backends(server).await?;
        self.server = None;
        Ok(())
    }

    /// Starts the server again on the same data and at the same address; stops it first in good
    /// order when it runs. Recovery, if one is needed, has ended when this returns.
    pub async fn restart(&mut self) -> Result<()> {
        if self.server.is_some() {
            self.stop().await?;
        }
        self.server = Some(start::server(self.folder.path(), &self.settings, self.port).await?);
        Ok(())
    }

    /// Starts the server again as a replica of nobody: it answers, and takes no writes.
    pub async fn become_replica(&mut self) -> Result<()> {
        if self.server.is_some() {
            self.stop().await?;
        }
        let signal = data_folder(self.folder.path()).join("standby.signal");
        std::fs::write(&signal, "").with_context(|| format!("write {}", signal.display()))?;
        self.restart().await
    }

    /// The end of the server's log.
    pub fn log_tail(&self) -> String {
        self.server
            .as_ref()
            .map(Child::log_tail)
            .unwrap_or_default()
    }
}

/// Opens a connection; its task ends with the client, once what it was asked has been answered.
pub async fn connect(url: &str) -> Result<Client> {
    Ok(connect_to_cut(url).await?.0)
}

/// Opens a connection that can be cut: aborting the handle closes the socket at once, whatever the
/// server is doing for it, as the end of the client's machine would.
pub async fn connect_to_cut(url: &str) -> Result<(Client, AbortHandle)> {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .with_context(|| format!("connect to the test database {url}"))?;
    // A broken connection is seen by the client's next call.
    let task = tokio::spawn(async move { drop(connection.await) });
    Ok((client, task.abort_handle()))
}

/// The whole schema of a database, as `pg_dump` has it.
pub async fn schema(url: &str) -> Result<String> {
    let dump = Program::of_the_system("pg_dump").args(["--schema-only", "--dbname", url]);
    let dump = dump.run().await?;
    let errors = String::from_utf8_lossy(&dump.stderr).into_owned();
    ensure!(dump.status.success(), "pg_dump: {errors}");
    let text = String::from_utf8(dump.stdout)?;
    // Left out is what a dump says of itself, which is another each time.
    let telling = text
        .lines()
        .filter(|line| !line.starts_with("--") && !line.starts_with('\\'));
    Ok(telling.collect::<Vec<_>>().join("\n"))
}

fn data_folder(cluster: &Path) -> PathBuf {
    cluster.join("data")
}

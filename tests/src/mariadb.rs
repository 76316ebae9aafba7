//! Throw-away MariaDB servers.
//!
//! `mariadb-install-db` runs once per server version and user; what it made is kept in the build
//! folder and copied for each server, so that one is there in a second. It serves on a Unix socket
//! in its own folder and, when asked, on a loopback port, and runs as an unprivileged user where
//! this is root.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use dualwrite_tests::{Mariadb, mariadb};
//!
//! let server = Mariadb::start().await?;
//! let url = server.create_database("cart").await?;
//! let mut connection = mariadb::connect(&url).await?;
//! mariadb::execute(&mut connection, "CREATE TABLE items (id bigint PRIMARY KEY)").await?;
//! # Ok(()) }
//! ```

mod programs;
mod settings;
mod start;
mod template;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::{AssertSqlSafe, ConnectOptions};
use tempfile::TempDir;

use crate::child::Child;

pub use settings::Settings;

/// Who the harness is on the server; nobody needs a password.
const SUPERUSER: &str = "root";

/// How databases here compare texts: by their bytes, trailing spaces included. It is the one
/// collation of this server in which a text may be a key of an entity.
pub const COLLATION: &str = "utf8mb4_nopad_bin";

/// A running server. Dropping it ends the server and removes everything.
#[derive(Debug)]
pub struct Mariadb {
    // Dropped first: the folder goes when nobody uses it any more.
    server: Option<Child>,
    settings: Settings,
    port: u16,
    folder: TempDir,
}

impl Mariadb {
    /// Starts a server with the default [`Settings`].
    pub async fn start() -> Result<Self> {
        Self::with(Settings::default()).await
    }

    /// Starts a server.
    pub async fn with(settings: Settings) -> Result<Self> {
        start::new_server(settings).await
    }

    /// URL of a database of this server: over TCP when [`Settings::tcp`] asked for it, else over
    /// the Unix socket.
    pub fn url(&self, database: &str) -> String {
        match self.port() {
            Some(port) => format!("mysql://{SUPERUSER}@127.0.0.1:{port}/{database}"),
            None => socket_url(self.folder.path(), database),
        }
    }

    /// The TCP port, when [`Settings::tcp`] asked for one.
    pub fn port(&self) -> Option<u16> {
        self.settings.is_tcp().then_some(self.port)
    }

    /// Where the Unix socket is.
    pub fn socket(&self) -> PathBuf {
        socket(self.folder.path())
    }

    /// Process number of the server, when it runs.
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().map(Child::pid)
    }

    /// Creates a database whose texts are compared as [`COLLATION`] has it, and returns its URL.
    pub async fn create_database(&self, name: &str) -> Result<String> {
        let name_in_sql = name.replace('`', "``");
        let create =
            format!("CREATE DATABASE `{name_in_sql}` CHARACTER SET utf8mb4 COLLATE {COLLATION}");
        execute(&mut self.connect("mysql").await?, &create)
            .await
            .with_context(|| format!("create database {name}"))?;
        Ok(self.url(name))
    }

    /// Opens a connection to a database, over the socket.
    pub async fn connect(&self, database: &str) -> Result<MySqlConnection> {
        connect(&socket_url(self.folder.path(), database)).await
    }

    /// Shuts down in good order: connections are cut, everything is written.
    pub async fn stop(&mut self) -> Result<()> {
        let server = self
            .server
            .as_mut()
            .context("the server is already stopped")?;
        server.signal(Signal::TERM)?;
        let status = server.wait().await?;
        ensure!(
            status.success(),
            "the server stopped with {status}:\n{}",
            server.log_tail()
        );
        self.server = None;
        Ok(())
    }

    /// Kills the server at once, as the end of the machine would: what was not written to the
    /// operating system is lost, clients see the connection break.
    pub async fn kill9(&mut self) -> Result<()> {
        let server = self
            .server
            .as_mut()
            .context("the server is already stopped")?;
        server.signal(Signal::KILL)?;
        server.wait().await?;
        self.server = None;
        Ok(())
    }

    /// Stops the server where it stands, so that it answers nobody and cuts nobody off.
    pub fn pause(&mut self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets a paused server go on.
    pub fn resume(&mut self) -> Result<()> {
        self.signal(Signal::CONT)
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

    /// The end of the server's log.
    pub fn log_tail(&self) -> String {
        self.server
            .as_ref()
            .map(Child::log_tail)
            .unwrap_or_default()
    }

    fn signal(&mut self, signal: Signal) -> Result<()> {
        let server = self.server.as_mut().context("the server is stopped")?;
        server.signal(signal)
    }
}

/// Opens a connection to any server. Texts are compared as [`COLLATION`] has it, statements are
/// not logged.
pub async fn connect(url: &str) -> Result<MySqlConnection> {
    let options: MySqlConnectOptions = url.parse().context("read the database's URL")?;
    options
        .collation(COLLATION)
        .disable_statement_logging()
        .connect()
        .await
        .with_context(|| format!("connect to the test database {url}"))
}

/// Runs statements that return nothing.
pub async fn execute(connection: &mut MySqlConnection, sql: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await
        .with_context(|| format!("run {sql}"))?;
    Ok(())
}

fn data_folder(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("socket")
}

fn socket_url(folder: &Path, database: &str) -> String {
    format!(
        "mysql://{SUPERUSER}@localhost/{database}?socket={}",
        socket(folder).display()
    )
}

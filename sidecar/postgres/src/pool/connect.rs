//! Opening one connection.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use deadpool_postgres::Connect;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, Error};

use crate::config::{PostgresConfig, url};
use crate::tls::Tls;

/// Opens the connections of a pool.
#[derive(Debug, Clone)]
pub(super) struct Opener {
    tls: Tls,
    /// Where user and password may have been replaced since.
    url_file: Option<PathBuf>,
}

type Opening<'a> =
    Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), Error>> + Send + 'a>>;

// === impl Opener ===

impl Opener {
    pub(super) fn new(config: &PostgresConfig, tls: Tls) -> Self {
        Self {
            tls,
            url_file: config.url_file.clone(),
        }
    }

    /// The settings of the next connection.
    fn current(&self, first: &Config) -> Config {
        let Some(file) = &self.url_file else {
            return first.clone();
        };
        match renewed(file, first) {
            Ok(current) => current,
            // Secrets are replaced by renaming files; one that is not there for
            // a moment is no reason to be without connections.
            Err(why) => {
                tracing::warn!(
                    file = %file.display(), why,
                    "the database URL cannot be read again; its last user and password are used"
                );
                first.clone()
            }
        }
    }
}

impl Connect for Opener {
    fn connect(&self, first: &Config) -> Opening<'_> {
        let (tls, settings) = (self.tls.clone(), self.current(first));
        Box::pin(async move {
            let (client, connection) = settings.connect(tls).await?;
            let task = tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a connection to the database ended");
                }
            });
            Ok((client, task))
        })
    }
}

/// The settings with user and password as the file has them now.
fn renewed(file: &Path, first: &Config) -> Result<Config, String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    let (read, _) = url::parse(&text).map_err(|error| error.to_string())?;
    if url::place(&read) != url::place(first) {
        return Err(
            "it names another database than at the start, which takes a restart".to_owned(),
        );
    }
    let mut current = first.clone();
    if let Some(user) = read.get_user() {
        current.user(user);
    }
    if let Some(password) = read.get_password() {
        current.password(password);
    }
    Ok(current)
}

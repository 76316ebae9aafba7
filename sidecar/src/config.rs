//! What was typed, checked: every address, URL and name is right, or the
//! process does not start and says which is not.

mod database;

use std::path::PathBuf;

use dualwrite_core::side::Side;
use dualwrite_core::spec::check_name;
use dualwrite_link::Installing;
use dualwrite_process::channel::{self, EndpointError};
use dualwrite_process::{Exposure, ListenAddress, TlsSettings};
use tonic::transport::Endpoint;

use crate::args::{DatabaseArgs, InstallWhen, ListenerArgs, RunArgs};
pub(crate) use database::{Database, DatabaseError};

/// What a running sidecar needs to know.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) databases: Databases,
    pub(crate) control_plane: Option<Endpoint>,
    pub(crate) instance: String,
    pub(crate) listeners: Listeners,
    pub(crate) state_dir: Option<PathBuf>,
    pub(crate) ready_file: Option<PathBuf>,
    pub(crate) installing: Installing,
}

/// The service and where its databases are.
#[derive(Debug)]
pub(crate) struct Databases {
    pub(crate) service: String,
    pub(crate) legacy: Option<Database>,
    pub(crate) new: Option<Database>,
}

/// Where this process can be reached.
#[derive(Debug)]
pub(crate) struct Listeners {
    pub(crate) grpc: ListenAddress,
    pub(crate) http: ListenAddress,
    pub(crate) socket: Option<PathBuf>,
    pub(crate) exposure: Exposure,
}

/// Something that was typed cannot be right.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The service's name.
    #[error(
        "--service `{0}` is no service name; a name is a lower case letter, then up to 30 lower \
         case letters, digits or _"
    )]
    Service(String),
    /// No database at all.
    #[error(
        "no database is configured; set --legacy-url (LEGACY_DATABASE_URL), --new-url \
         (NEW_DATABASE_URL), or both"
    )]
    NoDatabase,
    /// A database's URL.
    #[error("{flag}: {error}")]
    Database {
        /// The flag and its variable.
        flag: &'static str,
        /// What is wrong.
        error: DatabaseError,
    },
    /// The same database twice.
    #[error(
        "--legacy-url and --new-url name the same database; a migration goes from one database \
         to another"
    )]
    SameDatabase,
    /// The control plane's address.
    #[error("--control-plane: {0}")]
    ControlPlane(#[from] EndpointError),
    /// The name of this process.
    #[error("--instance is empty; leave it out to get a random name")]
    Instance,
    /// Nothing says what to install.
    #[error(
        "nothing says what to install; name a manifest with --manifest, or the control plane \
         with --control-plane"
    )]
    NoSource,
    /// The manifest is wrong.
    #[error("{0}")]
    Manifest(String),
    /// A listener's address.
    #[error(transparent)]
    Listen(#[from] dualwrite_process::listen::ListenError),
}

// === impl Config ===

impl TryFrom<RunArgs> for Config {
    type Error = ConfigError;

    fn try_from(args: RunArgs) -> Result<Self, ConfigError> {
        let RunArgs {
            databases,
            control_plane,
            instance,
            listeners,
            state_dir,
            ready_file,
            install,
        } = args;
        let databases = Databases::try_from(databases)?;
        let installing = match install {
            Some(InstallWhen::Auto) => Installing::Auto,
            Some(InstallWhen::Never) => Installing::Never,
            None => databases.installing(),
        };
        Ok(Self {
            control_plane: endpoint(control_plane)?,
            instance: self::instance(instance, &databases.service)?,
            listeners: Listeners::try_from(listeners)?,
            databases,
            state_dir,
            ready_file,
            installing,
        })
    }
}

/// Where the control plane is, if it was said.
pub(crate) fn endpoint(given: Option<String>) -> Result<Option<Endpoint>, ConfigError> {
    let given = given.filter(|given| !given.is_empty());
    let endpoint = given.map(|given| channel::endpoint(&given, &TlsSettings::open()));
    Ok(endpoint.transpose()?)
}

fn instance(given: Option<String>, service: &str) -> Result<String, ConfigError> {
    match given {
        Some(given) if given.trim().is_empty() => Err(ConfigError::Instance),
        Some(given) => Ok(given),
        None => {
            let random = uuid::Uuid::new_v4().simple().to_string();
            Ok(format!("{service}-{}", &random[..12]))
        }
    }
}

// === impl Databases ===

impl TryFrom<DatabaseArgs> for Databases {
    type Error = ConfigError;

    fn try_from(args: DatabaseArgs) -> Result<Self, ConfigError> {
        let DatabaseArgs {
            service,
            legacy_url,
            new_url,
        } = args;
        if !check_name(&service) {
            return Err(ConfigError::Service(service));
        }
        let database = |url: Option<String>, side| {
            let url = url.filter(|url| !url.is_empty());
            let read = url.map(|url| Database::parse(&url, &service));
            read.transpose().map_err(|error| ConfigError::Database {
                flag: flag(side),
                error,
            })
        };
        let legacy = database(legacy_url, Side::Legacy)?;
        let new = database(new_url, Side::New)?;
        match (&legacy, &new) {
            (None, None) => Err(ConfigError::NoDatabase),
            (Some(legacy), Some(new)) if legacy.is_same(new) => Err(ConfigError::SameDatabase),
            (_, _) => Ok(Self {
                service,
                legacy,
                new,
            }),
        }
    }
}

impl Databases {
    /// Our tables are created unasked only where nobody administers the
    /// databases: when all of them are files.
    fn installing(&self) -> Installing {
        let files = [&self.legacy, &self.new];
        let all_files = files.into_iter().all(|database| match database {
            Some(Database::Sqlite(_)) => true,
            Some(Database::Postgres(_)) | None => false,
        });
        if all_files {
            Installing::Auto
        } else {
            Installing::Never
        }
    }
}

/// The flag and the variable that name a side's database.
pub(crate) const fn flag(side: Side) -> &'static str {
    match side {
        Side::Legacy => "--legacy-url (LEGACY_DATABASE_URL)",
        Side::New => "--new-url (NEW_DATABASE_URL)",
    }
}

// === impl Listeners ===

impl TryFrom<ListenerArgs> for Listeners {
    type Error = ConfigError;

    fn try_from(args: ListenerArgs) -> Result<Self, ConfigError> {
        let ListenerArgs {
            listen,
            http_listen,
            socket,
            insecure,
        } = args;
        let exposure = Exposure::of(&TlsSettings::open(), insecure);
        dualwrite_process::listen::check("--listen", listen, exposure)?;
        dualwrite_process::listen::check("--http-listen", http_listen, exposure)?;
        Ok(Self {
            grpc: listen,
            http: http_listen,
            socket,
            exposure,
        })
    }
}

#[cfg(test)]
mod tests;

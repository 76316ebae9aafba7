//! The settings, checked: every address, URL and name is right, or the process
//! does not start and says which is not.

mod database;
mod databases;
mod listeners;
mod standalone;

use std::convert::Infallible;
use std::path::PathBuf;

use dualwrite_link::Installing;
use dualwrite_process::settings::{LOG, Setting};
use dualwrite_process::telemetry::{self, EnvFilter};
use dualwrite_process::{Settings, TlsSettings, channel};
use tonic::transport::Endpoint;

use crate::settings::{CONTROL_PLANE, INSTALL, INSTANCE, READY_FILE, STATE_DIR};
pub(crate) use database::{Connecting, Database, DatabaseError};
pub(crate) use databases::{Databases, flag};
pub(crate) use listeners::Listeners;
pub(crate) use standalone::Standalone;

/// What a running sidecar needs to know.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) log: EnvFilter,
    pub(crate) databases: Databases,
    pub(crate) control_plane: Option<Endpoint>,
    pub(crate) standalone: Option<Standalone>,
    pub(crate) instance: String,
    pub(crate) listeners: Listeners,
    pub(crate) state_dir: Option<PathBuf>,
    pub(crate) ready_file: Option<PathBuf>,
    pub(crate) installing: Installing,
}

/// Something that turned out wrong when it was used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A database's URL.
    #[error("{flag}: {error}")]
    Database {
        /// The flag and its variable.
        flag: &'static str,
        /// What is wrong.
        error: DatabaseError,
    },
    /// Nothing says what to install.
    #[error(
        "nothing says what to install; name a manifest with --manifest, or the control plane \
         with --control-plane"
    )]
    NoSource,
    /// The manifest is wrong.
    #[error("{0}")]
    Manifest(String),
}

// === impl Config ===

impl Config {
    /// Reads all settings; what is wrong is noted in them.
    pub(crate) fn read(settings: &mut Settings) -> Option<Self> {
        let log = log(settings);
        let databases = Databases::read(settings);
        let control_plane = endpoint(settings);
        let standalone = Standalone::read(settings, databases.as_ref());
        let listeners = Listeners::read(settings);
        let installing = installing(settings, databases.as_ref());
        let instance = instance(settings, databases.as_ref());
        let state_dir = path(settings, &STATE_DIR);
        if state_dir.is_none() {
            settings.warn(
                "no --state-dir: a restart knows neither the last snapshot nor the largest epoch \
                 seen",
            );
        }
        Some(Self {
            log: log?,
            databases: databases?,
            control_plane,
            standalone,
            instance: instance?,
            listeners: listeners?,
            state_dir,
            ready_file: path(settings, &READY_FILE),
            installing: installing?,
        })
    }
}

/// What is logged.
pub(crate) fn log(settings: &mut Settings) -> Option<EnvFilter> {
    settings.read(&LOG, telemetry::filter)
}

/// Where the control plane is, if it was said.
pub(crate) fn endpoint(settings: &mut Settings) -> Option<Endpoint> {
    settings.read(&CONTROL_PLANE, |given| {
        channel::endpoint(given, &TlsSettings::open())
    })
}

/// A path, if it was said.
pub(crate) fn path(settings: &mut Settings, setting: &Setting) -> Option<PathBuf> {
    settings.read(setting, |given| Ok::<_, Infallible>(PathBuf::from(given)))
}

fn instance(settings: &mut Settings, databases: Option<&Databases>) -> Option<String> {
    if settings.is_set(&INSTANCE) {
        return settings.read(&INSTANCE, |given| {
            let blank = given.trim().is_empty();
            let name = (!blank).then(|| given.to_owned());
            name.ok_or("the name is empty; leave it out to get a random one")
        });
    }
    let service = &databases?.service;
    settings.follows(&INSTANCE, format!("{service}-(random)"));
    let random = uuid::Uuid::new_v4().simple().to_string();
    Some(format!("{service}-{}", &random[..12]))
}

fn installing(settings: &mut Settings, databases: Option<&Databases>) -> Option<Installing> {
    if settings.is_set(&INSTALL) {
        return settings.read(&INSTALL, |given| match given {
            "auto" => Ok(Installing::Auto),
            "never" => Ok(Installing::Never),
            other => Err(format!(
                "`{other}` is no time to install; expected auto or never"
            )),
        });
    }
    let installing = databases?.installing();
    let word = match installing {
        Installing::Auto => "auto",
        Installing::Never => "never",
    };
    settings.follows(&INSTALL, word);
    Some(installing)
}

#[cfg(test)]
mod tests;

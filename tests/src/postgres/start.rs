//! Starting a server and seeing that it serves.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use rustix::process::Signal;

use super::programs::Programs;
use super::{Postgres, SOCKET_PORT, Settings, data_folder, template};
use crate::child::Child;
use crate::eventually::{BOUND, until};
use crate::folders::copy_folder;
use crate::ports::free_port;
use crate::user::User;

/// How often a port that somebody else took meanwhile is replaced by another.
const PORT_TRIES: u32 = 5;

/// The line of `postmaster.pid` that tells how far the server is.
const STATUS_LINE: usize = 7;

pub(super) async fn new_cluster(settings: Settings) -> Result<Postgres> {
    let folder = tempfile::Builder::new().prefix("dualwrite-pg-").tempdir()?;
    let user = User::of_server()?;
    copy_folder(
        &template::of(&Programs::find()?, user)?,
        &data_folder(folder.path()),
    )?;
    for (name, text) in &settings.files {
        write_secret(&data_folder(folder.path()).join(name), text)?;
    }
    user.owns(folder.path())?;
    let mut tries = 0;
    loop {
        let port = if settings.tcp {
            free_port()?
        } else {
            SOCKET_PORT
        };
        match server(folder.path(), &settings, port).await {
            Ok(server) => {
                return Ok(Postgres {
                    server: Some(server),
                    settings,
                    port,
                    folder,
                });
            }
            Err(error) if settings.tcp && tries < PORT_TRIES && is_port_taken(&error) => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Starts the server of an existing cluster and waits until it accepts connections.
pub(super) async fn server(cluster: &Path, settings: &Settings, port: u16) -> Result<Child> {
    let data = data_folder(cluster);
    let mut command = Command::new(Programs::find()?.postgres());
    command
        .arg("-D")
        .arg(&data)
        .arg("-k")
        .arg(cluster)
        .args(["-p", &port.to_string()])
        .args(settings.arguments())
        .current_dir(cluster);
    User::of_server()?.runs(&mut command);
    let log = cluster.join("log");
    let mut server = Child::spawn("postgres", &mut command, &log, Signal::QUIT, Some(cluster))?;
    until("the server accepts connections", BOUND, async || {
        if let Some(status) = server.ended().transpose() {
            return Ok(Some(status));
        }
        let status = status_of(&data, server.pid());
        if status == "ready" {
            Ok(None)
        } else {
            Err(status)
        }
    })
    .await
    .with_context(|| server.log_tail())?
    .map_or(Ok(()), |ended| {
        bail!("postgres ended ({}):\n{}", ended?, server.log_tail())
    })?;
    Ok(server)
}

/// What the server says of itself in the file that it keeps for this purpose. The file of a killed
/// predecessor may still be there and is told apart by the process number in it.
fn status_of(data: &Path, pid: u32) -> String {
    let text = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let mut lines = text.lines().map(str::trim);
    if lines.next() == Some(pid.to_string().as_str()) {
        lines.nth(STATUS_LINE - 1).unwrap_or("starting").to_owned()
    } else {
        "not started".into()
    }
}

/// A file that nobody else may read: the server refuses a key that others can read.
fn write_secret(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("write {}", path.display()))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(())
}

fn is_port_taken(error: &anyhow::Error) -> bool {
    format!("{error:#}").contains("could not bind")
}

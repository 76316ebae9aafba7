//! Starting a server and seeing that it serves.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use rustix::process::Signal;

use super::programs::Programs;
use super::{Mariadb, Settings, connect, data_folder, socket, socket_url, template};
use crate::child::Child;
use crate::eventually::{BOUND, until};
use crate::folders::copy_folder;
use crate::ports::free_port;
use crate::user::User;

/// How often a port that somebody else took meanwhile is replaced by another.
const PORT_TRIES: u32 = 5;

pub(super) async fn new_server(settings: Settings) -> Result<Mariadb> {
    let folder = tempfile::Builder::new().prefix("dualwrite-my-").tempdir()?;
    let user = User::of_server()?;
    copy_folder(
        &template::of(&Programs::find()?, user)?,
        &data_folder(folder.path()),
    )?;
    user.owns(folder.path())?;
    let mut tries = 0;
    loop {
        let port = if settings.is_tcp() { free_port()? } else { 0 };
        match server(folder.path(), &settings, port).await {
            Ok(server) => {
                return Ok(Mariadb {
                    server: Some(server),
                    settings,
                    port,
                    folder,
                });
            }
            Err(error) if tries < PORT_TRIES && is_port_taken(&error) => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Starts the server of an existing folder and waits until it accepts connections.
pub(super) async fn server(folder: &Path, settings: &Settings, port: u16) -> Result<Child> {
    let mut command = Command::new(Programs::find()?.server);
    command
        .arg("--no-defaults")
        .arg(format!("--datadir={}", data_folder(folder).display()))
        .arg(format!("--socket={}", socket(folder).display()))
        .arg(format!("--pid-file={}", folder.join("pid").display()))
        // A server that starts removes temporary tables of all servers in the folder for them.
        .arg(format!("--tmpdir={}", folder.display()))
        .args(settings.arguments(port))
        .current_dir(folder);
    User::of_server()?.runs(&mut command);
    let log = folder.join("log");
    // Killed at the end, since nobody wants what it would still write.
    let mut server = Child::spawn("mariadbd", &mut command, &log, Signal::KILL, Some(folder))?;
    let url = socket_url(folder, "mysql");
    until("the server accepts connections", BOUND, async || {
        if let Some(status) = server.ended().transpose() {
            return Ok(Some(status));
        }
        match connect(&url).await {
            Ok(_connection) => Ok(None),
            Err(error) => Err(format!("{error:#}")),
        }
    })
    .await
    .with_context(|| server.log_tail())?
    .map_or(Ok(()), |ended| {
        bail!("mariadbd ended ({}):\n{}", ended?, server.log_tail())
    })?;
    Ok(server)
}

fn is_port_taken(error: &anyhow::Error) -> bool {
    format!("{error:#}").contains("Can't start server: Bind on TCP/IP port")
}

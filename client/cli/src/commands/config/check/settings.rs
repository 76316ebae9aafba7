//! Settings files of the two servers. Whether one is right is said by the
//! program that reads it: this command finds that program and asks it.

use std::path::PathBuf;
use std::process::{Command, ExitStatus};

use crate::exit::Exit;
use crate::failure::Failure;

/// The program whose settings a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Server {
    Sidecar,
    ControlPlane,
}

/// Names that only a control plane's file has. `documents` in the tests holds
/// both lists to what the programs say.
const OF_CONTROL_PLANE: [&str; 2] = ["store", "heartbeatInterval"];

/// Names that only a sidecar's file has.
const OF_SIDECAR: [&str; 14] = [
    "service",
    "legacyUrl",
    "legacyUrlFile",
    "newUrl",
    "newUrlFile",
    "maxConnections",
    "insecureDatabases",
    "controlPlane",
    "instance",
    "socket",
    "stateDir",
    "install",
    "standalone",
    "manifest",
];

impl Server {
    /// The server whose settings this text holds; none for a manifest, and for
    /// what may be anything.
    pub(super) fn of(text: &str) -> Option<Self> {
        let names = text.lines().filter_map(|line| line.split_once(':'));
        let names: Vec<&str> = names.map(|(name, _)| name).collect();
        let has = |known: &[&str]| names.iter().any(|name| known.contains(name));
        if has(&["apiVersion", "kind", "metadata", "spec"]) {
            None
        } else if has(&OF_SIDECAR) {
            Some(Self::Sidecar)
        } else {
            has(&OF_CONTROL_PLANE).then_some(Self::ControlPlane)
        }
    }

    const fn program(self) -> &'static str {
        match self {
            Self::Sidecar => "dualwrite-sidecar",
            Self::ControlPlane => "dualwrite-control-plane",
        }
    }

    /// Lets the program say what each setting is, and what is wrong.
    ///
    /// # Errors
    /// [`Failure`], when the program is not here.
    pub(super) fn check(self, file: &str, json: bool) -> Result<Exit, Failure> {
        let format = if json { "json" } else { "table" };
        let arguments = ["config", "check", "--config", file, "-o", format];
        let ended = self.run(&arguments).map_err(|error| {
            let program = self.program();
            Failure::failed(format!(
                "{file} holds settings of {program}, which cannot be asked: {error}"
            ))
            .hint(format!(
                "run `{program} config check --config {file}` where it is installed"
            ))
        })?;
        Ok(if ended.success() {
            Exit::Done
        } else {
            Exit::Failed
        })
    }

    /// Runs the program that stands beside this one, else the one on the PATH.
    fn run(self, arguments: &[&str]) -> std::io::Result<ExitStatus> {
        let here = std::env::current_exe().ok();
        let beside = here.map(|path| path.with_file_name(self.program()));
        let beside = beside.filter(|path| path.is_file());
        let program = beside.unwrap_or_else(|| PathBuf::from(self.program()));
        Command::new(program).args(arguments).status()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_the_names_in_it() {
        let table = [
            (
                "service: cart\nlisten: 127.0.0.1:0\n",
                Some(Server::Sidecar),
            ),
            ("store: /var/store\n", Some(Server::ControlPlane)),
            ("apiVersion: dualwrite/v1\nkind: Migration\n", None),
            ("spec:\n  service: cart\n", None),
            ("listen: 127.0.0.1:0\n", None),
            ("", None),
        ];
        for (text, server) in table {
            assert_eq!(Server::of(text), server, "{text}");
        }
    }
}

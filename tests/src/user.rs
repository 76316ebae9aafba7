//! Who runs a database server: neither PostgreSQL nor MariaDB runs as root.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

/// The user that every system has for such purposes.
const UNPRIVILEGED: &str = "nobody";

/// The user that a server runs as.
#[derive(Debug, Clone, Copy)]
pub(crate) struct User {
    /// User and group to change to; none when this process is unprivileged itself.
    switch: Option<(u32, u32)>,
}

impl User {
    /// This user, or an unprivileged one when this is root.
    pub(crate) fn of_server() -> Result<Self> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self { switch: None });
        }
        let users = std::fs::read_to_string("/etc/passwd").context("read /etc/passwd")?;
        let ids = ids_of(UNPRIVILEGED, &users).with_context(|| {
            format!(
                "database servers do not run as root and there is no user `{UNPRIVILEGED}` to run \
                 them as: run the tests as an ordinary user"
            )
        })?;
        Ok(Self { switch: Some(ids) })
    }

    /// A word for the user that is part of a file name.
    pub(crate) fn label(self) -> String {
        let id = self
            .switch
            .map_or_else(|| rustix::process::geteuid().as_raw(), |(id, _)| id);
        format!("user-{id}")
    }

    /// Makes the command run as this user.
    pub(crate) fn runs(self, command: &mut Command) -> &mut Command {
        if let Some((user, group)) = self.switch {
            command.uid(user).gid(group);
        }
        command
    }

    /// Gives a file or folder to this user, and all that is in it.
    pub(crate) fn owns(self, path: &Path) -> Result<()> {
        let Some((user, group)) = self.switch else {
            return Ok(());
        };
        chown(path, Some(user), Some(group))
            .with_context(|| format!("give {} to the server's user", path.display()))?;
        if path.is_dir() {
            for entry in path
                .read_dir()
                .with_context(|| format!("read {}", path.display()))?
            {
                self.owns(&entry?.path())?;
            }
        }
        Ok(())
    }
}

fn ids_of(name: &str, passwd: &str) -> Option<(u32, u32)> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        Some((fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_user_and_group_by_name() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65533:nobody:/:/bin/false\n";
        assert_eq!(ids_of("nobody", passwd), Some((65534, 65533)));
        assert_eq!(ids_of("nobod", passwd), None);
    }
}

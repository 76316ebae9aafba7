//! How a cluster differs from the usual.

use super::certificates::{Authority, Identity};

/// What a cluster is started with. The default is quick and serves on its Unix socket only.
#[derive(Debug, Clone)]
pub struct Settings {
    pub(super) tcp: bool,
    pub(super) durable: bool,
    pub(super) max_connections: u16,
    pub(super) more: Vec<(String, String)>,
    pub(super) files: Vec<(&'static str, String)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tcp: false,
            durable: false,
            max_connections: 100,
            more: Vec::new(),
            files: Vec::new(),
        }
    }
}

impl Settings {
    /// Serves on a free loopback port as well.
    #[must_use]
    pub fn tcp(mut self) -> Self {
        self.tcp = true;
        self
    }

    /// Every commit reaches the disk, as in production. Without it a commit survives the death of
    /// the server, since the operating system has it, but not that of the machine: enough for
    /// tests of everything but speed.
    #[must_use]
    pub fn durable(mut self) -> Self {
        self.durable = true;
        self
    }

    /// How many connections are allowed; 100 when it is not said.
    #[must_use]
    pub fn max_connections(mut self, most: u16) -> Self {
        self.max_connections = most;
        self
    }

    /// Any other setting of the server.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.more.push((name.into(), value.into()));
        self
    }

    /// Encrypts connections over TCP, and shows this identity.
    #[must_use]
    pub fn tls(mut self, identity: &Identity) -> Self {
        self.files
            .push(("server.crt", identity.certificate.clone()));
        self.files.push(("server.key", identity.key.clone()));
        self.tcp().set("ssl", "on")
    }

    /// Asks clients for certificates of this authority.
    #[must_use]
    pub fn trusting(mut self, authority: &Authority) -> Self {
        self.files.push(("root.crt", authority.certificate()));
        self.set("ssl_ca_file", "root.crt")
    }

    /// Lets clients in over TCP by these lines of `pg_hba.conf`. Over the Unix socket everybody
    /// comes in, also the harness.
    #[must_use]
    pub fn admitting(mut self, lines: &str) -> Self {
        let lines = format!("local all all trust\n{lines}\n");
        self.files.push(("pg_hba.conf", lines));
        self
    }

    /// Command line of the server.
    pub(super) fn arguments(&self) -> Vec<String> {
        let listen = if self.tcp { "127.0.0.1" } else { "" };
        let mut pairs = vec![
            ("listen_addresses".to_owned(), listen.to_owned()),
            (
                "max_connections".to_owned(),
                self.max_connections.to_string(),
            ),
            // Quiet logs make the interesting line easy to find.
            ("log_checkpoints".to_owned(), "off".to_owned()),
        ];
        if !self.durable {
            pairs.push(("fsync".to_owned(), "off".to_owned()));
        }
        pairs.extend(self.more.iter().cloned());
        pairs
            .into_iter()
            .flat_map(|(name, value)| ["-c".into(), format!("{name}={value}")])
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durability_is_only_given_up_when_nobody_asked_for_it() {
        assert!(
            Settings::default()
                .arguments()
                .contains(&"fsync=off".to_owned())
        );
        assert!(
            !Settings::default()
                .durable()
                .arguments()
                .contains(&"fsync=off".to_owned())
        );
    }

    #[test]
    fn later_settings_win_over_the_usual_ones() {
        let arguments = Settings::default().set("max_connections", "7").arguments();
        assert_eq!(
            arguments.last().map(String::as_str),
            Some("max_connections=7")
        );
    }
}

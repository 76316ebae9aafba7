//! How a server differs from the usual.

/// Size of the redo log; that of a template and of its copies must agree.
pub(super) const REDO_LOG: &str = "--innodb-log-file-size=8M";

/// What a server is started with. The default is quick and serves on its Unix socket only.
#[derive(Debug, Clone)]
pub struct Settings {
    tcp: bool,
    durable: bool,
    max_connections: u16,
    more: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tcp: false,
            durable: false,
            max_connections: 150,
            more: Vec::new(),
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

    /// How many connections are allowed; 150 when it is not said.
    #[must_use]
    pub fn max_connections(mut self, most: u16) -> Self {
        self.max_connections = most;
        self
    }

    /// Any other setting of the server.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.more.push(format!("--{name}={value}"));
        self
    }

    pub(super) fn is_tcp(&self) -> bool {
        self.tcp
    }

    /// Command line of the server, without its folder.
    pub(super) fn arguments(&self, port: u16) -> Vec<String> {
        let mut arguments: Vec<String> = [
            REDO_LOG,
            "--innodb-buffer-pool-size=32M",
            "--innodb-use-native-aio=0",
            "--skip-name-resolve",
            // Quiet logs make the interesting line easy to find.
            "--log-warnings=1",
        ]
        .map(str::to_owned)
        .into();
        arguments.push(format!("--max-connections={}", self.max_connections));
        if self.tcp {
            arguments.push("--bind-address=127.0.0.1".to_owned());
            arguments.push(format!("--port={port}"));
        } else {
            arguments.push("--skip-networking".to_owned());
        }
        if !self.durable {
            arguments.push("--innodb-flush-method=nosync".to_owned());
        }
        arguments.extend(self.more.iter().cloned());
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durability_is_only_given_up_when_nobody_asked_for_it() {
        let nosync = |settings: Settings| {
            let arguments = settings.arguments(0);
            arguments.iter().any(|argument| argument.contains("nosync"))
        };
        assert!(nosync(Settings::default()));
        assert!(!nosync(Settings::default().durable()));
    }

    #[test]
    fn later_settings_win_over_the_usual_ones() {
        let settings = Settings::default().set("max-connections", "7");
        assert_eq!(
            settings.arguments(0).last().map(String::as_str),
            Some("--max-connections=7")
        );
    }
}

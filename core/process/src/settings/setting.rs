//! One line of the table.

use super::OURS;

/// Something that can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The flag without its dashes: `http-listen`. Also what the setting goes
    /// by in `config check`.
    pub flag: &'static str,
    /// The environment variable.
    pub variable: &'static str,
    /// The name in the settings file.
    pub key: &'static str,
    /// What stands for the value in help: `ADDRESS`.
    pub value: &'static str,
    /// What sort of value it is.
    pub kind: Kind,
    /// The value when nothing is set. `None` where there is none, or where it
    /// follows from other settings.
    pub default: Option<&'static str>,
    /// What it means, in one sentence.
    pub help: &'static str,
}

/// The sorts of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Plain,
    /// `true` or `false`; the flag alone means `true`.
    Switch,
    /// Text that is never shown. It can also be read from a file, which
    /// `--flag-file`, `VARIABLE_FILE` and `keyFile` name.
    Secret,
    /// As `Secret`, and shown without user and password, for it is a URL.
    SecretUrl,
    /// Where the settings file is; it has no name in the file itself.
    ConfigFile,
}

/// A program and all that can be set in it.
#[derive(Debug)]
pub struct Program {
    /// Its name.
    pub name: &'static str,
    /// The table.
    pub settings: &'static [&'static Setting],
}

/// The setting that names the settings file, the same in every program.
pub const CONFIG: Setting = Setting {
    flag: "config",
    variable: "DUALWRITE_CONFIG",
    key: "",
    value: "FILE",
    kind: Kind::ConfigFile,
    default: None,
    help: "Settings as a YAML file; the environment and flags win over it",
};

/// The setting that says what is logged, the same in every program.
pub const LOG: Setting = Setting {
    default: Some("info"),
    ..Setting::text(
        "log",
        "DUALWRITE_LOG",
        "log",
        "FILTER",
        "What is logged, as in info,dualwrite_link=debug",
    )
};

// === impl Setting ===

impl Setting {
    /// A text without a default.
    #[must_use]
    pub const fn text(
        flag: &'static str,
        variable: &'static str,
        key: &'static str,
        value: &'static str,
        help: &'static str,
    ) -> Self {
        Self {
            flag,
            variable,
            key,
            value,
            kind: Kind::Plain,
            default: None,
            help,
        }
    }

    /// Something that is off unless it is asked for.
    #[must_use]
    pub const fn switch(
        flag: &'static str,
        variable: &'static str,
        key: &'static str,
        help: &'static str,
    ) -> Self {
        Self {
            kind: Kind::Switch,
            default: Some("false"),
            ..Self::text(flag, variable, key, "", help)
        }
    }

    /// The same, with this default.
    #[must_use]
    pub const fn or(self, default: &'static str) -> Self {
        Self {
            default: Some(default),
            ..self
        }
    }

    /// The same, as a secret of this kind.
    #[must_use]
    pub const fn kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// Whether its value is never shown.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret | Kind::SecretUrl)
    }

    /// Whether it has a name in the settings file.
    pub(super) const fn has_key(&self) -> bool {
        !self.key.is_empty()
    }
}

// === impl Program ===

impl Program {
    /// Whether flags, variables and names of the file follow from each other,
    /// and whether the other programs know the variables. For the tests of a
    /// program.
    ///
    /// # Panics
    /// When something does not fit.
    pub fn check(&self) {
        for setting in self.settings {
            let Setting {
                flag,
                variable,
                key,
                help,
                ..
            } = setting;
            let mut words = flag.split('-');
            let first = words.next().unwrap_or_default().to_owned();
            let camel = words.fold(first, |name, word| {
                let (head, tail) = word.split_at(1);
                name + &head.to_ascii_uppercase() + tail
            });
            assert!(key.is_empty() || *key == camel, "{flag} is {key} in a file");
            if let Some(own) = variable.strip_prefix("DUALWRITE_") {
                assert_eq!(own, flag.replace('-', "_").to_ascii_uppercase());
                assert!(OURS.contains(variable), "nobody knows {variable}");
            }
            assert!(!help.is_empty() && !help.ends_with('.'), "{flag}: {help}");
        }
    }
}

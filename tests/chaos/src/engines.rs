//! Which databases a run is about.

use std::fmt;
use std::str::FromStr;

use anyhow::{Result, bail};

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A PostgreSQL server of its own.
    Postgres,
    /// A SQLite file, which only sidecars of the same machine share.
    Sqlite,
}

/// Legacy's engine and new's, written `pg-pg`, `sqlite-pg`, and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Engines {
    /// Legacy's.
    pub legacy: Engine,
    /// New's.
    pub new: Engine,
}

impl Engine {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Postgres, Self::Sqlite];

    /// Its short name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "pg",
            Self::Sqlite => "sqlite",
        }
    }

    /// Whether it is a server: something that can be cut off and can die alone.
    #[must_use]
    pub const fn serves(self) -> bool {
        match self {
            Self::Postgres => true,
            Self::Sqlite => false,
        }
    }
}

impl fmt::Display for Engines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.legacy.as_str(), self.new.as_str())
    }
}

impl FromStr for Engines {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let of = |name: &str| Engine::ALL.into_iter().find(|one| one.as_str() == name);
        let names = text.split_once('-');
        let Some((Some(legacy), Some(new))) = names.map(|(old, own)| (of(old), of(own))) else {
            let known = Engine::ALL.map(Engine::as_str).join(", ");
            bail!("`{text}` is no pair of engines; it is LEGACY-NEW, each one of {known}");
        };
        Ok(Self { legacy, new })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_has_a_name_that_it_is_read_from() {
        for legacy in Engine::ALL {
            for new in Engine::ALL {
                let pair = Engines { legacy, new };
                assert_eq!(pair.to_string().parse::<Engines>().unwrap(), pair);
            }
        }
        assert!("pg".parse::<Engines>().is_err());
        assert!("pg-oracle".parse::<Engines>().is_err());
    }
}

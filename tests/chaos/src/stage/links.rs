//! The ways of one sidecar to everybody else.

use anyhow::Result;
use dualwrite_tests::proxy::Proxy;
use serde::Serialize;

use crate::bed::Database;
use crate::engines::Engine;
use crate::history::Side;

/// Whom a sidecar talks with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Party {
    /// The control plane.
    ControlPlane,
    /// Whichever database is primary.
    Primary,
    /// Whichever database is secondary.
    Secondary,
    /// The application.
    Client,
}

/// The proxies around one sidecar. A file has none.
#[derive(Debug)]
pub struct Links {
    /// To the control plane.
    pub control: Proxy,
    /// To legacy.
    pub legacy: Option<Proxy>,
    /// To new.
    pub new: Option<Proxy>,
    /// From applications.
    pub client: Proxy,
}

impl Party {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::ControlPlane,
        Self::Primary,
        Self::Secondary,
        Self::Client,
    ];

    /// What people call it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ControlPlane => "control plane",
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Client => "application",
        }
    }
}

impl Links {
    /// The way to a party, while this side is primary.
    #[must_use]
    pub const fn to(&self, party: Party, primary: Side) -> Option<&Proxy> {
        match party {
            Party::ControlPlane => Some(&self.control),
            Party::Client => Some(&self.client),
            Party::Primary => self.database(primary),
            Party::Secondary => self.database(primary.other()),
        }
    }

    /// The way to a database.
    #[must_use]
    pub const fn database(&self, side: Side) -> Option<&Proxy> {
        match side {
            Side::Legacy => self.legacy.as_ref(),
            Side::New => self.new.as_ref(),
        }
    }

    /// Everything passes again.
    pub fn heal(&self) {
        self.control.heal();
        self.client.heal();
        for side in Side::BOTH {
            if let Some(proxy) = self.database(side) {
                proxy.heal();
            }
        }
    }
}

/// A proxy in front of a database, if it is a server.
pub(super) async fn to_database(database: &Database) -> Result<Option<Proxy>> {
    let Some(port) = database.port() else {
        return Ok(None);
    };
    let target = format!("127.0.0.1:{port}");
    match database.engine() {
        Engine::Postgres => Ok(Some(Proxy::to_postgres(&target).await?)),
        Engine::Sqlite => Ok(None),
    }
}

//! What both servers of dualwrite do alike, so that neither does it its own
//! way: how they log, start, listen, drain, end, and speak gRPC.
//!
//! Read in this order: [`settings`] (what a program is told), [`telemetry`] and [`lifecycle`] (a process from its
//! start to its end), [`listen`] and [`ready`] (how it is reached), [`limits`]
//! (the bounds and their reasons), [`server`], [`channel`], [`tls`], [`auth`]
//! [`health`] and [`rpcs`] (gRPC), [`checks`] and [`figures`] (what is told over
//! HTTP), [`backoff`] (how to try again).

pub mod settings;

pub mod telemetry;

pub mod lifecycle;

pub mod listen;
pub mod ready;

pub mod limits;

pub mod server;

pub mod auth;
pub mod channel;
pub mod health;
pub mod rpcs;
pub mod tls;

pub mod checks;
pub mod figures;

pub mod backoff;

pub use auth::{AuthLayer, Caller};
pub use backoff::Backoff;
pub use checks::Check;
pub use health::Health;
pub use lifecycle::{Ending, Lifecycle, Signals};
pub use listen::{Exposure, ListenAddress};
pub use ready::{Ready, ReadyFile};
pub use rpcs::Rpcs;
pub use settings::{Setting, Settings};
pub use tls::TlsSettings;

//! How an application calls in: `dualwrite.v1.DataService` over loopback TCP
//! and a Unix socket, and the probes over HTTP. Beside it, for people,
//! `dualwrite.v1.LocalService` ([`LocalPath`], [`LocalIngress`]).
//!
//! Read in this order: [`DataPath`] (what is asked of the engine),
//! [`DataIngress`] (the service: wire to request, reply to wire), `refusal`
//! (the one place where an error becomes a status), [`serve`] (what is mounted
//! on the listeners), [`probes`] (HTTP).

mod data_path;
mod data_service;
mod deadline;
mod health;
pub mod http;
mod local_path;
mod local_service;
mod oversize;
pub mod probes;
mod refusal;
pub mod serve;

pub use data_path::{DataPath, Readiness};
pub use data_service::DataIngress;
pub use deadline::{DEADLINE_DEFAULT, DEADLINE_MAX};
pub use local_path::LocalPath;
pub use local_service::LocalIngress;
pub use refusal::refusal;

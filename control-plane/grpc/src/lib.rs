//! The control plane over gRPC: wire types become the app's at this door, and
//! the app's errors become statuses.
//!
//! Read in this order: [`MigrationApi`] (operators; one family of calls a
//! file), `refusal` (the one place where errors become statuses),
//! [`SidecarServer`] (sidecars; `sidecar::session` is one session from its
//! hello to its end), `wire` (the app's nouns as messages).
//!
//! A call is thin: read the request, call one use case, tell the answer. What
//! is decided is decided in `dualwrite_control_app`.

mod deadline;
mod etag;
mod operator;
mod page_token;
mod refusal;
mod sidecar;
mod wire;

pub use operator::MigrationApi;
pub use sidecar::{SessionSettings, SidecarServer};

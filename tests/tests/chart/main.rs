//! The charts, rendered by the real helm, held against the schemas of Kubernetes and against the
//! programs that they start.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where something is not as it should be"
)]

mod tools;
mod world;

mod documents;
mod golden;
mod programs;
mod refused;
mod rendered;
mod security;
mod sidecar;

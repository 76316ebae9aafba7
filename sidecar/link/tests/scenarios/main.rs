//! The link against a scripted control plane, in virtual time and without a
//! network: what it does is decided by what the script says, and by nothing
//! else.

#![expect(
    clippy::unwrap_used,
    reason = "a scenario that goes wrong ends at once, also in its helpers"
)]

mod commands;
mod control;
mod disk;
mod engine;
mod reconnect;
mod reports;
mod settings;
mod world;

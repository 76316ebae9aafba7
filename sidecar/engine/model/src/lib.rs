//! The protocol as a model that is checked exhaustively: every order in which
//! writes, relays, reads, flips, crashes and lost replies can meet, for a few
//! keys and a few writes.
//!
//! It stands beside the engine and uses its words, so that one can be held
//! against the other: a [`Step`](step::Step) is what one line of the engine
//! does to one database. What the engine takes from `dualwrite-core` the model
//! takes from there too: which step of a plan comes next, what any sidecar
//! mends by itself, and what two fences mean together are not modelled but
//! *called* ([`authority`]). What the model knows of databases is in
//! [`transaction`]: locks, visibility, and transactions that outlive their
//! client.
//!
//! Read in this order: [`rules`] (what can be varied, right and wrong),
//! [`state`], [`transaction`], then the actors: [`mod@write`], [`relay`],
//! [`read`], [`executor`], [`plan`], [`outside`], [`server`]; then
//! [`properties`] (what must hold), [`checker`], and [`configurations`] (what
//! is checked, by name).
//!
//! What is left out, on purpose: unique values and foreign keys, fail-over to
//! a replica that lags, forced fail-over, conversion of values, time. A wait
//! is a step that may or may not happen.

pub mod rules;
pub mod state;

pub mod authority;
pub mod transaction;

pub mod executor;
pub mod outside;
pub mod plan;
pub mod read;
pub mod relay;
pub mod server;
pub mod step;
pub mod watcher;
pub mod write;

pub mod checker;
pub mod configurations;
pub mod model;
pub mod properties;

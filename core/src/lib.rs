//! The rules of dualwrite, in its own words and nobody else's: no async, no
//! I/O, no clock, no wire. Both programs decide by these functions.
//!
//! Read in this order: [`side`] and [`phase`] (the words), [`fence`] (what a
//! database says about who may write), [`authority`] (what the two fences mean
//! together), [`plan`] (how authority moves).
//!
//! Then the rows: [`value`] and [`key`] (what they are made of), [`convert`]
//! and [`mapping`] (how they stand in the two databases, whose schemas are a
//! [`catalog`]). Then the settings: [`flags`], [`spec`] and [`manifest`], and
//! what is decided by them: [`route`] (where an operation goes), [`guard`]
//! (whether a transition may start). [`tally`] adds up what was done, and
//! [`propose`] writes a manifest from two schemas.
//! [`environment`] reads the variables of those who write by hand today.

pub mod authority;
pub mod catalog;
pub mod convert;
pub mod diagnosis;
pub mod duration;
pub mod environment;
pub mod fence;
pub mod fingerprint;
pub mod flags;
pub mod guard;
pub mod key;
pub mod manifest;
pub mod mapping;
pub mod phase;
pub mod plan;
pub mod probe;
pub mod propose;
pub mod route;
pub mod side;
pub mod snapshot;
pub mod spec;
pub mod suggest;
pub mod tally;
pub mod value;
pub mod violation;
pub mod yaml;

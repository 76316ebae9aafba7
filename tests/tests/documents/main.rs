//! Documents are part of the product: what they say is so, and what they tell
//! a reader to type is typed here.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where something is not as it should be"
)]

mod document;

mod truth;

mod any_language;
mod configuration;
mod coverage;
mod doctor;
mod errors;
mod operate;
mod quickstart;

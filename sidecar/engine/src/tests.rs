//! Whole engines over databases in memory, in virtual time.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test fails on everything that it does not expect"
)]

mod backfill;
mod bad_input;
mod comparing;
mod counted;
mod doubt;
mod flags;
mod flip;
mod probes;
mod reads;
mod together;
mod world;
mod writes;

//! The data path through real processes on real databases: flips under
//! writers, requests that are repeated, modes, flags, and input that is wrong.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test as the tests themselves do"
)]

mod bad_input;
mod flags;
mod flips;
mod modes;
mod repeated;

//! Real processes that are cut off, killed and started again.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test as the tests themselves do"
)]

mod belonging;
mod connections;
mod control_plane_away;
mod ended;
mod executor_killed;
mod retire_killed;
mod retired;
mod sidecar_killed;

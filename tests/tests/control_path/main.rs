//! Operators at work, through the real programs: every command, how changes
//! reach the fleet, input that is wrong, a control plane that is killed, the
//! documents, and the demo.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test as the tests themselves do"
)]

mod bad_input;
mod canary;
mod command_line;
mod commands;
mod demo;
mod doctor;
mod fan_out;
mod introspect;
mod killed;
mod manifests;
mod probes;
mod refused;
mod wrong_usage;

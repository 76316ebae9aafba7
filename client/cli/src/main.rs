//! `dualwrite`, the command line of operators.
//!
//! One command is one file under `commands/`. It asks the control plane, makes
//! a `view/` of the answer (which is the JSON of `-o json`), and has it
//! rendered for people by `render/`. Data goes to standard output and the rest
//! to standard error, all of it through `output.rs`; what went wrong is a
//! `failure.rs`, which knows its exit code.

/// Appends formatted text to a `String`, which cannot fail.
macro_rules! put {
    ($text:expr, $($format:tt)+) => {{
        use std::fmt::Write as _;
        let _written = write!($text, $($format)+);
    }};
}

mod args;
mod commands;
mod confirm;
mod context;
mod exit;
mod failure;
mod hint;
mod local;
mod output;
mod paint;
mod remote;
mod render;
mod source;
mod token;
mod view;
mod waiting;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Cli;
use crate::context::Context;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Cli { global, command } = Cli::parse();
    let context = Context::new(global);
    match command.run(&context).await {
        Ok(exit) => exit.into(),
        Err(failure) => {
            context.output.failure(&failure);
            failure.exit.into()
        }
    }
}

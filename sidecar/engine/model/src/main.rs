//! `dualwrite-model`: checks every configuration and prints what was found.
//! Exit code 0 only when everything that must hold does, and every wrong way is
//! found wrong.

#![expect(
    clippy::print_stdout,
    reason = "a report on stdout is what this program is for"
)]

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use dualwrite_model::checker::{Found, Until, explore};
use dualwrite_model::configurations::{Configuration, Depth, Expected, all};

/// Checks the protocol's model.
#[derive(Debug, Parser)]
#[command(name = "dualwrite-model", version)]
struct Args {
    /// Also the configurations that take minutes
    #[arg(long)]
    deep: bool,
    /// Only configurations whose name contains this
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    only: String,
    /// Print the steps of each counter-example
    #[arg(long)]
    trace: bool,
    /// States at most, a configuration
    #[arg(long, value_name = "NUMBER", default_value_t = 20_000_000)]
    limit: usize,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let mut wrong = 0_u32;
    let (mut states, began) = (0, Instant::now());
    for configuration in all() {
        let wanted = configuration.name.contains(&args.only)
            && (args.deep || configuration.depth == Depth::Quick);
        if !wanted {
            continue;
        }
        let (found, right) = check(&configuration, &args);
        states += found.states;
        wrong += u32::from(!right);
    }
    println!("{states} states in {:.1} s", began.elapsed().as_secs_f64());
    if wrong == 0 {
        ExitCode::SUCCESS
    } else {
        println!("{wrong} configurations did not show what they must");
        ExitCode::FAILURE
    }
}

fn check(configuration: &Configuration, args: &Args) -> (Found, bool) {
    let began = Instant::now();
    let until = match configuration.expected {
        Expected::Violates(property) => Until::Violated(property, args.limit),
        Expected::Holds => Until::Complete(args.limit),
    };
    let found = explore(&configuration.protocol, until);
    let (right, said) = match configuration.expected {
        Expected::Holds if found.holds() => (true, "holds".to_owned()),
        Expected::Holds if !found.complete => (false, "TOO MANY STATES".to_owned()),
        Expected::Holds => (false, "DOES NOT HOLD".to_owned()),
        Expected::Violates(property) => match found.violation(property) {
            Some(violation) => {
                let steps = violation.trace.len();
                (true, format!("found wrong in {steps} steps: {property}"))
            }
            None => (false, format!("NOT FOUND WRONG: {property}")),
        },
    };
    println!(
        "{:<58} {:>9} states {:>6.1} s  {said}",
        configuration.name,
        found.states,
        began.elapsed().as_secs_f64()
    );
    if args.trace || !right {
        for violation in &found.violations {
            println!("    {}:", violation.property);
            for step in &violation.trace {
                println!("      {step}");
            }
        }
    }
    (found, right)
}

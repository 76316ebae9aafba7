//! `dualwrite-sim`: runs seeds, and prints those in which a rule was broken with
//! the command that repeats them. Exit code 0 only when none was.

#![expect(
    clippy::print_stdout,
    reason = "a report on stdout is what this program is for"
)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use dualwrite_sim::mutant::Mutant;
use dualwrite_sim::scenario::Scenario;
use dualwrite_sim::world::{Report, run};

/// Runs whole engines under virtual time, seed by seed.
#[derive(Debug, Parser)]
#[command(name = "dualwrite-sim", version)]
struct Args {
    /// How many seeds
    #[arg(long, value_name = "NUMBER", default_value_t = 300)]
    seeds: u64,
    /// The first of them
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    from: u64,
    /// Break the engines in this way, and see it found
    #[arg(long, value_name = "NAME")]
    mutant: Option<String>,
    /// Only this seed
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Print everything that happens
    #[arg(long)]
    trace: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let seeds = match args.seed {
        Some(seed) => seed..seed + 1,
        None => args.from..args.from.saturating_add(args.seeds),
    };
    let mutant = match args.mutant.as_deref().map(named) {
        None => None,
        Some(Ok(mutant)) => Some(mutant),
        Some(Err(why)) => {
            eprintln!("dualwrite-sim: {why}");
            return ExitCode::from(2);
        }
    };
    let began = Instant::now();
    let mut sum = Sum::default();
    for seed in seeds {
        let report = match mutant {
            Some(mutant) => run(&mutant.scenario(seed), Some(mutant), args.trace),
            None => run(&Scenario::of(seed), None, args.trace),
        };
        if args.trace {
            print!("{}", report.trace);
        }
        for violation in report.violations.iter().take(3) {
            println!("seed {seed}: {violation}");
        }
        if !report.violations.is_empty() {
            println!("  repeat it with: cargo xtask sim --seed {seed} --trace");
        }
        sum.add(&report);
    }
    sum.print(began.elapsed());
    if sum.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn named(name: &str) -> Result<Mutant, String> {
    let mut all = Mutant::ALL.into_iter();
    let found = all.find(|mutant| mutant.name().eq_ignore_ascii_case(name));
    found.ok_or_else(|| {
        let names: Vec<String> = Mutant::ALL.into_iter().map(Mutant::name).collect();
        format!("no mutant `{name}`; there are {}", names.join(", "))
    })
}

#[derive(Debug, Default)]
struct Sum {
    seeds: u64,
    failed: u64,
    executed: u64,
    calls: u64,
    injected: u64,
    moves: u64,
    slowest: Duration,
}

impl Sum {
    fn add(&mut self, report: &Report) {
        self.seeds += 1;
        self.failed += u64::from(!report.violations.is_empty());
        self.executed += report.executed;
        self.calls += report.calls.0;
        self.injected += report.calls.1;
        self.moves += report.moves;
        self.slowest = self.slowest.max(report.rest_after);
    }

    fn print(&self, took: Duration) {
        println!(
            "{} seeds in {:.1} s: {} with violations; {} writes, {} transitions, {} calls of the \
             port ({} with a fault); at rest {:.1} s after healing at the latest",
            self.seeds,
            took.as_secs_f64(),
            self.failed,
            self.executed,
            self.moves,
            self.calls,
            self.injected,
            self.slowest.as_secs_f64()
        );
    }
}

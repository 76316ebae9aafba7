//! `cargo xtask soak`: the long form of the proof by failure.

mod args;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser as _;
use dualwrite_chaos::engines::Engines;
use dualwrite_chaos::report::Report;
use dualwrite_chaos::run::{Faults, Options, run};
use dualwrite_chaos::schedule::Lengths;
use dualwrite_chaos::writer::Plan;
use dualwrite_chaos::{check, history};

use args::{Arguments, Command, Soak};

/// How long what lasts lasts in a long run.
const LENGTHS: Lengths = Lengths {
    least: 200,
    most: 9_000,
};

#[tokio::main]
async fn main() -> Result<ExitCode> {
    match Arguments::parse().command {
        Command::Soak(soak) => all(&soak).await,
        Command::Check { history } => again(&history),
    }
}

/// Every pair of engines, one after the other.
async fn all(soak: &Soak) -> Result<ExitCode> {
    std::fs::create_dir_all(&soak.keep)
        .with_context(|| format!("create {}", soak.keep.display()))?;
    let mut reports = Vec::new();
    let mut failed = false;
    for engines in &soak.engines {
        match one(soak, *engines).await {
            Ok(report) => {
                failed |= !report.verdict.holds();
                if report.verdict.holds() && !soak.keep_all {
                    std::fs::remove_file(&report.history)?;
                }
                show(&report.to_string());
                reports.push(report);
            }
            Err(error) => {
                failed = true;
                eprintln!("{engines}: {error:#}");
                let Soak { seed, minutes, .. } = soak;
                eprintln!(
                    "again: cargo xtask soak --seed {seed} --minutes {minutes} --engines {engines}"
                );
            }
        }
    }
    if let Some(json) = &soak.json {
        let text = serde_json::to_string_pretty(&reports)?;
        std::fs::write(json, text).with_context(|| format!("write {}", json.display()))?;
    }
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

async fn one(soak: &Soak, engines: Engines) -> Result<Report> {
    let Soak { seed, minutes, .. } = *soak;
    let name = format!("{engines}-{seed}.jsonl");
    eprintln!("{engines}: seed {seed}, {minutes} minutes of faults");
    let options = Options {
        seed,
        engines,
        sidecars: soak.sidecars,
        plan: Plan {
            seed,
            writers: soak.writers,
            mix: dualwrite_chaos::writer::Mix::default(),
            rest: Duration::from_millis(soak.rest_ms),
        },
        faults: Faults::For(Duration::from_secs(60 * minutes), LENGTHS),
        history: soak.keep.join(name),
        tell: !soak.quiet,
    };
    let report = run(&options).await;
    report.with_context(|| format!("the history so far is in {}", options.history.display()))
}

/// Judges a history that was kept.
fn again(history: &Path) -> Result<ExitCode> {
    let verdict = check::check(&history::read(history)?);
    show(&serde_json::to_string_pretty(&verdict)?);
    Ok(if verdict.holds() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[expect(clippy::print_stdout, reason = "the report is what was asked for")]
fn show(text: &str) {
    println!("{text}");
}

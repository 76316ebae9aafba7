//! What is done with this repository, in one word each: `cargo xtask test`, `cargo xtask demo`, …
//!
//! It builds in seconds, since it must be there before everything else: no dependency but one for
//! errors. Reading order: [`verbs`] says what each word does, [`run`] how a step is run and shown,
//! [`tools`] and [`prerequisites`] get hold of what the machine does not have.

mod verbs;

mod run;

mod prerequisites;
mod tools;

use std::process::ExitCode;

use anyhow::Result;

const HELP: &str = "\
usage: cargo xtask VERB

  demo [ARGS]    builds what the demo needs and runs it (--postgres, --keep, --help)
  test           everything that must pass before a change goes in
  lint           the part of it that runs nothing: fmt, protos, licences, clippy, docs
  fmt            formats everything
  model [ARGS]   checks the protocol's model exhaustively (--deep, --only TEXT, --trace)
  sim [ARGS]     runs whole engines under virtual time (--seeds N, --seed S --trace)
  gen            regenerates the protobuf bindings
  soak [ARGS]    breaks processes, databases and networks under writers (--seed, --minutes, --engines)
  bench [ARGS]   builds with optimisation and runs a benchmark (write, fanout)
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (verb, rest) = match arguments.split_first() {
        Some((verb, rest)) => (verb.as_str(), rest),
        None => ("help", [].as_slice()),
    };
    match dispatch(verb, rest) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask {verb}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(verb: &str, rest: &[String]) -> Result<ExitCode> {
    let takes_arguments = matches!(verb, "demo" | "bench" | "model" | "sim" | "soak");
    if !takes_arguments && !rest.is_empty() {
        eprint!(
            "xtask {verb} takes no arguments, but was given {}\n\n{HELP}",
            rest.join(" ")
        );
        return Ok(ExitCode::from(2));
    }
    match verb {
        "demo" => verbs::demo(rest),
        "test" => verbs::test(),
        "lint" => verbs::lint(),
        "fmt" => verbs::fmt(),
        "gen" => verbs::generate(),
        "model" => verbs::model(rest),
        "sim" => verbs::sim(rest),
        "soak" => verbs::soak(rest),
        "bench" => verbs::bench(rest),
        "help" | "-h" | "--help" => {
            eprint!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        other => {
            eprint!("there is no verb `{other}`\n\n{HELP}");
            Ok(ExitCode::from(2))
        }
    }
}

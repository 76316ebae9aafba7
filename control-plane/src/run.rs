//! The process, put together. Each part is wired in a file of its own and
//! owned by the process's lifecycle.

mod grpc;
mod http;
mod listeners;
mod plane;

use std::process::ExitCode;

use dualwrite_process::settings::{Flags, Settings};
use dualwrite_process::{Lifecycle, ReadyFile, Rpcs, Signals, lifecycle, telemetry};

use crate::config::Config;
use crate::settings::{All, PROGRAM};

/// The version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Runs until it is told to end.
pub(crate) async fn run(flags: Flags<All>) -> anyhow::Result<ExitCode> {
    let mut settings = Settings::gather(&PROGRAM, flags, std::env::vars_os());
    let config = Config::read(&mut settings);
    let Config {
        log,
        listeners,
        tls,
        store,
        ready_file,
        heartbeat,
    } = settings.finish(config)?;
    telemetry::init(log)?;
    let signals = Signals::install()?;
    let ready_file = ready_file.as_deref().map(ReadyFile::claim).transpose()?;
    // Bound before anything runs, so that the addresses are known and ours.
    let bound = listeners::bind(listeners).await?;
    let ready = bound.ready();

    let life = Lifecycle::new();
    let (plane, store) = plane::start(&life, &store).await?;
    let rpcs = Rpcs::default();
    grpc::start(&life, bound.grpc, &plane, heartbeat, tls, &rpcs).await?;
    http::start(&life, bound.http, plane, rpcs);

    if let Some(file) = &ready_file {
        file.write(&ready)?;
    }
    tracing::info!(at = ready.to_json(), version = VERSION, "serving");
    let ending = life.run(signals, lifecycle::GRACE).await;
    // Nothing works on it any more, so its log is folded into one file.
    store.close().await;
    tracing::info!(?ending, "ended");
    Ok(ending.exit_code())
}

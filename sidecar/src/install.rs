//! `dualwrite-sidecar install`: our tables and the first fences.

mod source;

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use dualwrite_core::side::Side;
use dualwrite_engine::{Engine, EngineConfig};
use dualwrite_process::{Settings, telemetry};

use crate::args::InstallArgs;
use crate::config::{self, Databases};
use crate::entropy::SystemEntropy;
use crate::settings::{MANIFEST, PROGRAM};
use crate::stores;
use source::Source;

/// Installs, or prints what would be run.
pub(crate) async fn install(args: InstallArgs) -> anyhow::Result<ExitCode> {
    let InstallArgs { flags, print_sql } = args;
    let mut settings = Settings::gather(&PROGRAM, flags, std::env::vars_os());
    let log = config::log(&mut settings);
    let databases = Databases::read(&mut settings);
    let manifest = config::path(&mut settings, &MANIFEST);
    let control_plane = config::endpoint(&mut settings);
    let (log, databases) = settings.finish(log.zip(databases))?;
    telemetry::init(log)?;
    let service = databases.service.clone();
    let settings = Source::of(manifest, control_plane)?
        .settings(&service)
        .await?;
    let opened = stores::open(databases).await?;
    let config = EngineConfig { service };
    let engine = Engine::new(config, opened.stores, Arc::new(SystemEntropy));
    if print_sql {
        let texts = engine.install_sql(&settings).await?;
        print(&texts).context("the statements cannot be printed")?;
    } else {
        engine.install(&settings).await?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Statements are data: they go to standard output.
fn print(texts: &[(Side, String)]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for (side, text) in texts {
        writeln!(out, "-- on the {side} database")?;
        writeln!(out, "{}", text.trim_end())?;
        writeln!(out)?;
    }
    out.flush()
}

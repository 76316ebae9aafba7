//! Running without a control plane: phase and flags from the environment, the
//! entities from a manifest.

use dualwrite_core::environment;
use dualwrite_core::fence::EpochSettings;
use dualwrite_core::flags::Flags;
use dualwrite_core::manifest::Manifest;
use dualwrite_core::phase::Phase;
use dualwrite_core::side::Side;
use dualwrite_process::Settings;

use super::Databases;
use crate::settings::{CONTROL_PLANE, MANIFEST, STANDALONE};

/// What stays the same for as long as this process lives.
#[derive(Debug, Clone)]
pub(crate) struct Standalone {
    /// What the fences have to say.
    pub(crate) settings: EpochSettings,
    pub(crate) flags: Flags,
}

impl Standalone {
    /// Reads the variables of the pattern and the manifest, where that is asked
    /// for; what is wrong is noted.
    pub(super) fn read(settings: &mut Settings, databases: Option<&Databases>) -> Option<Self> {
        if !settings.switch(&STANDALONE) {
            say_what_is_not_used(settings);
            return None;
        }
        if settings.is_set(&CONTROL_PLANE) {
            settings.wrong(
                &STANDALONE,
                "the environment never overrides a control plane; leave out --standalone or \
                 --control-plane",
            );
        }
        let databases = databases?;
        let manifest = manifest(settings, &databases.service)?;
        let (phase, flags) = environment(settings, &databases.service, &manifest)?;
        for side in Side::BOTH {
            let needed = phase.primary() == side || phase.secondary() == Some(side);
            if needed && databases.get(side).is_none() {
                settings.missing(format!(
                    "phase {phase} writes to {side}; set {}",
                    super::flag(side)
                ));
            }
        }
        for warning in flags.warnings() {
            settings.warn(warning);
        }
        let Manifest { name, spec, .. } = manifest;
        Some(Self {
            settings: EpochSettings::initial(&name, phase, spec.keep_markers, spec.entities),
            flags,
        })
    }
}

/// Whoever has these variables believes that they have an effect.
fn say_what_is_not_used(settings: &mut Settings) {
    if settings.of_pattern().next().is_some() {
        settings.warn(
            "DUAL_WRITE_ variables are set and not used: settings come from the control plane or \
             from beside the fence; `dualwrite import-env` writes a manifest from them, and \
             --standalone goes by them",
        );
    }
    if settings.is_set(&MANIFEST) {
        settings.warn("--manifest is used by `install` and with --standalone alone");
    }
}

fn manifest(settings: &mut Settings, service: &str) -> Option<Manifest> {
    if !settings.is_set(&MANIFEST) {
        settings.missing(
            "--standalone needs --manifest (DUALWRITE_MANIFEST): a manifest with the entities",
        );
    }
    settings.read(&MANIFEST, |file| {
        let text = std::fs::read_to_string(file);
        let text = text.map_err(|error| format!("cannot read {file}: {error}"))?;
        let manifest = Manifest::parse(file, &text).map_err(|errors| errors.to_string())?;
        let name = &manifest.name;
        if name == service {
            Ok(manifest)
        } else {
            Err(format!(
                "{file} is the manifest of `{name}`; --service says `{service}`"
            ))
        }
    })
}

fn environment(
    settings: &mut Settings,
    service: &str,
    manifest: &Manifest,
) -> Option<(Phase, Flags)> {
    let read = environment::read(settings.of_pattern(), service, &manifest.spec.flags);
    let read = match read {
        Ok(read) => read,
        Err(errors) => {
            for error in errors {
                settings.missing(error.to_string());
            }
            return None;
        }
    };
    let phase = read.phase.or(manifest.phase);
    if phase.is_none() {
        settings.missing(
            "nothing says the phase; set DUAL_WRITE_ENABLED, DUAL_WRITE_TO_LEGACY and \
             DUAL_WRITE_TO_NEW (and DUAL_WRITE_PRIMARY where all are true), or spec.phase in the \
             manifest",
        );
    }
    Some((phase?, read.flags))
}

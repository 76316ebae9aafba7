//! Every setting of this program: one constant each, and the tables of the
//! commands.

use dualwrite_process::settings::{CONFIG, Kind, LOG, Program, Setting, Table};

/// Whose migration this is.
pub(crate) const SERVICE: Setting = Setting::text(
    "service",
    "DUALWRITE_SERVICE",
    "service",
    "NAME",
    "The service whose migration this is",
);

/// Where the legacy database is.
pub(crate) const LEGACY_URL: Setting = Setting::text(
    "legacy-url",
    "LEGACY_DATABASE_URL",
    "legacyUrl",
    "URL",
    "URL of the legacy database: postgresql://… or sqlite://…; may be left out in new_only; on a \
     command line every user of the machine can read it",
)
.kind(Kind::SecretUrl);

/// Where the new database is.
pub(crate) const NEW_URL: Setting = Setting::text(
    "new-url",
    "NEW_DATABASE_URL",
    "newUrl",
    "URL",
    "URL of the new database; may be left out in legacy_only",
)
.kind(Kind::SecretUrl);

/// How many connections a server gets.
pub(crate) const MAX_CONNECTIONS: Setting = Setting::text(
    "max-connections",
    "DUALWRITE_MAX_CONNECTIONS",
    "maxConnections",
    "NUMBER",
    "Connections to each PostgreSQL server for applications' writes and reads; copies have half as \
     many more, fences and the relay four",
)
.or("16");

/// Whether a database may be somebody else.
pub(crate) const INSECURE_DATABASES: Setting = Setting::switch(
    "insecure-databases",
    "DUALWRITE_INSECURE_DATABASES",
    "insecureDatabases",
    "Talk to a database beyond loopback although its URL does not have verified that it is the \
     right one (sslmode weaker than verify-full)",
);

/// Where the control plane is.
pub(crate) const CONTROL_PLANE: Setting = Setting::text(
    "control-plane",
    "DUALWRITE_CONTROL_PLANE",
    "controlPlane",
    "ADDRESS",
    "Where the control plane is, as in 127.0.0.1:7400; without one, the settings come from the \
     state folder and from beside the fence",
);

/// The name of this process.
pub(crate) const INSTANCE: Setting = Setting::text(
    "instance",
    "DUALWRITE_INSTANCE",
    "instance",
    "NAME",
    "Name of this process in the control plane, unlike that of any other; by itself the service \
     and a random part",
);

/// Where applications call.
pub(crate) const LISTEN: Setting = Setting::text(
    "listen",
    "DUALWRITE_LISTEN",
    "listen",
    "ADDRESS",
    "Where applications call by gRPC; port 0 takes a free one",
)
.or("127.0.0.1:7410");

/// Where probes call.
pub(crate) const HTTP_LISTEN: Setting = Setting::text(
    "http-listen",
    "DUALWRITE_HTTP_LISTEN",
    "httpListen",
    "ADDRESS",
    "Where probes and /metrics are, by HTTP, for whoever reaches it; /dual-write answers this host \
     alone; port 0 takes a free one",
)
.or("127.0.0.1:7411");

/// Where applications of this machine can call as well.
pub(crate) const SOCKET: Setting = Setting::text(
    "socket",
    "DUALWRITE_SOCKET",
    "socket",
    "PATH",
    "Unix socket on which applications can call as well",
);

/// Whether everyone may call.
pub(crate) const INSECURE: Setting = Setting::switch(
    "insecure",
    "DUALWRITE_INSECURE",
    "insecure",
    "Take applications' calls beyond loopback although nobody is identified",
);

/// What is remembered over a restart.
pub(crate) const STATE_DIR: Setting = Setting::text(
    "state-dir",
    "DUALWRITE_STATE_DIR",
    "stateDir",
    "FOLDER",
    "Folder for the last good snapshot and the largest epoch ever seen",
);

/// Who is told where this process serves.
pub(crate) const READY_FILE: Setting = Setting::text(
    "ready-file",
    "DUALWRITE_READY_FILE",
    "readyFile",
    "FILE",
    "File that says where this process serves, as JSON, once it does",
);

/// When our tables are created.
pub(crate) const INSTALL: Setting = Setting::text(
    "install",
    "DUALWRITE_INSTALL",
    "install",
    "WHEN",
    "Whether to create our tables and the first fences from the control plane's settings: auto \
     (when they are absent) or never; by itself auto when both databases are SQLite, else never",
);

/// Whether there is no control plane, and the environment says the phase.
pub(crate) const STANDALONE: Setting = Setting::switch(
    "standalone",
    "DUALWRITE_STANDALONE",
    "standalone",
    "Without a control plane: a fixed phase and flags from the DUAL_WRITE_ variables, the entities \
     from --manifest; the fences are created if absent, and have to say the same if present",
);

/// What is installed.
pub(crate) const MANIFEST: Setting = Setting::text(
    "manifest",
    "DUALWRITE_MANIFEST",
    "manifest",
    "FILE",
    "Manifest to install from, instead of the control plane's settings; with --standalone, the \
     manifest of the entities",
);

/// All of them.
pub(crate) static PROGRAM: Program = Program {
    name: "dualwrite-sidecar",
    settings: All::SETTINGS,
};

/// What a running sidecar takes.
#[derive(Debug, Clone)]
pub(crate) struct All;

/// What installing takes.
#[derive(Debug, Clone)]
pub(crate) struct ForInstalling;

impl Table for All {
    const SETTINGS: &'static [&'static Setting] = &[
        &CONFIG,
        &SERVICE,
        &LEGACY_URL,
        &NEW_URL,
        &MAX_CONNECTIONS,
        &INSECURE_DATABASES,
        &CONTROL_PLANE,
        &INSTANCE,
        &LISTEN,
        &HTTP_LISTEN,
        &SOCKET,
        &INSECURE,
        &STATE_DIR,
        &READY_FILE,
        &INSTALL,
        &STANDALONE,
        &MANIFEST,
        &LOG,
    ];
}

impl Table for ForInstalling {
    const SETTINGS: &'static [&'static Setting] = &[
        &CONFIG,
        &SERVICE,
        &LEGACY_URL,
        &NEW_URL,
        &MAX_CONNECTIONS,
        &INSECURE_DATABASES,
        &CONTROL_PLANE,
        &MANIFEST,
        &LOG,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        PROGRAM.check();
    }
}

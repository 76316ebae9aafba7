//! Every setting of this program: one constant each, and the table of them.

use dualwrite_process::settings::{CONFIG, LOG, Program, Setting, Table};

/// Where operators and sidecars call.
pub(crate) const LISTEN: Setting = Setting::text(
    "listen",
    "DUALWRITE_LISTEN",
    "listen",
    "ADDRESS",
    "Where operators and sidecars call by gRPC; port 0 takes a free one",
)
.or("127.0.0.1:7400");

/// Where browsers and probes call.
pub(crate) const HTTP_LISTEN: Setting = Setting::text(
    "http-listen",
    "DUALWRITE_HTTP_LISTEN",
    "httpListen",
    "ADDRESS",
    "Where the console and the probes are, by HTTP; port 0 takes a free one",
)
.or("127.0.0.1:7401");

/// Where everything is kept.
pub(crate) const STORE: Setting = Setting::text(
    "store",
    "DUALWRITE_STORE",
    "store",
    "FILE",
    "SQLite file that everything is kept in; made when it is not there; on a local disk",
)
.or("./dualwrite-control-plane.sqlite");

/// Who is told where this process serves.
pub(crate) const READY_FILE: Setting = Setting::text(
    "ready-file",
    "DUALWRITE_READY_FILE",
    "readyFile",
    "FILE",
    "File that says where this process serves, as JSON, once it does",
);

/// Whether everyone may call.
pub(crate) const INSECURE: Setting = Setting::switch(
    "insecure",
    "DUALWRITE_INSECURE",
    "insecure",
    "Listen beyond loopback although nobody is identified",
);

/// How often sidecars are heard.
pub(crate) const HEARTBEAT_INTERVAL: Setting = Setting::text(
    "heartbeat-interval",
    "DUALWRITE_HEARTBEAT_INTERVAL",
    "heartbeatInterval",
    "DURATION",
    "How often sidecars and this process send each other heartbeats, 100ms to 2s; after three \
     missed ones a session ends",
)
.or("2s");

/// All of them.
pub(crate) static PROGRAM: Program = Program {
    name: "dualwrite-control-plane",
    settings: All::SETTINGS,
};

/// What a running control plane takes.
#[derive(Debug, Clone)]
pub(crate) struct All;

impl Table for All {
    const SETTINGS: &'static [&'static Setting] = &[
        &CONFIG,
        &LISTEN,
        &HTTP_LISTEN,
        &STORE,
        &READY_FILE,
        &INSECURE,
        &HEARTBEAT_INTERVAL,
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

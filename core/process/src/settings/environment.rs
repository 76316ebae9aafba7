//! The layer of the environment, and which of its variables are nobody's.

use std::ffi::OsString;

use dualwrite_core::suggest;

use super::origin::Given;
use super::{Origin, Problem, Program};

/// What every variable of ours begins with.
const PREFIX: &str = "DUALWRITE_";

/// Every `DUALWRITE_` variable of every program of ours: a shell or a pod may
/// hold those of several.
pub const OURS: &[&str] = &[
    "DUALWRITE_CONFIG",
    "DUALWRITE_CONTROL_PLANE",
    "DUALWRITE_ENDPOINT",
    "DUALWRITE_HEARTBEAT_INTERVAL",
    "DUALWRITE_HTTP_LISTEN",
    "DUALWRITE_INSECURE",
    "DUALWRITE_INSECURE_DATABASES",
    "DUALWRITE_INSTALL",
    "DUALWRITE_INSTANCE",
    "DUALWRITE_LISTEN",
    "DUALWRITE_LOG",
    "DUALWRITE_MANIFEST",
    "DUALWRITE_MAX_CONNECTIONS",
    "DUALWRITE_READY_FILE",
    "DUALWRITE_SERVICE",
    "DUALWRITE_SIDECAR",
    "DUALWRITE_SOCKET",
    "DUALWRITE_STANDALONE",
    "DUALWRITE_STATE_DIR",
    "DUALWRITE_STORE",
    "DUALWRITE_TOKEN",
    "DUALWRITE_TOKEN_FILE",
];

/// The values that the environment gives, and the variables that look like
/// ours and are nobody's. An empty variable counts as none.
pub(super) fn read(
    program: &Program,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> (Vec<Given>, Vec<Problem>) {
    let mut given = Vec::new();
    let mut problems = Vec::new();
    for (name, value) in environment {
        let Ok(name) = name.into_string() else {
            continue;
        };
        let origin = Origin::Environment(name.clone());
        match (setting_of(program, &name), value.into_string()) {
            (Some(_), Err(_)) => problems.push(Problem {
                origin: Some(origin),
                message: "the value is no UTF-8 text".to_owned(),
            }),
            (Some(_), Ok(text)) if text.is_empty() => {}
            (Some((setting, by_file)), Ok(text)) => given.push(Given {
                setting,
                by_file,
                text,
                origin,
            }),
            (None, value) => {
                let value = value.unwrap_or_default();
                if name.starts_with(PREFIX) && !known(&name) && !of_kubernetes(&name, &value) {
                    problems.push(unknown(program, origin, &name));
                }
            }
        }
    }
    (given, problems)
}

/// The variables of hand-written dual writes among these.
pub(super) fn of_pattern(environment: &[(OsString, OsString)]) -> Vec<(String, String)> {
    let named = environment.iter().filter_map(|(name, value)| {
        let name = name.to_str()?;
        let value = value.to_str()?;
        let theirs = name.contains(dualwrite_core::environment::PREFIX);
        theirs.then(|| (name.to_owned(), value.to_owned()))
    });
    named.collect()
}

/// The flag of the setting that this variable sets, and whether it names a
/// file that holds the value.
fn setting_of(program: &Program, name: &str) -> Option<(&'static str, bool)> {
    program.settings.iter().find_map(|setting| {
        let of_file =
            || setting.is_secret() && name.strip_suffix("_FILE") == Some(setting.variable);
        if name == setting.variable {
            Some((setting.flag, false))
        } else {
            of_file().then_some((setting.flag, true))
        }
    })
}

fn known(name: &str) -> bool {
    OURS.contains(&name)
}

/// Whether Kubernetes put it there, for a Service whose name begins with
/// `dualwrite`: it tells every pod where such Services are, unasked.
fn of_kubernetes(name: &str, value: &str) -> bool {
    let told = name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_");
    // `…_PORT=tcp://10.0.0.1:7400`, `…_PORT_7400_TCP=…`, `…_PORT_7400_TCP_ADDR=…`
    let place = name.ends_with("_PORT") && value.contains("://");
    told || place || name.split("_PORT_").skip(1).any(is_port)
}

fn is_port(rest: &str) -> bool {
    let (number, protocol) = rest.split_once('_').unwrap_or((rest, ""));
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let protocol = protocol.split('_').next().unwrap_or_default();
    digits && matches!(protocol, "TCP" | "UDP" | "SCTP")
}

fn unknown(program: &Program, origin: Origin, name: &str) -> Problem {
    let own = program.settings.iter().map(|setting| setting.variable);
    let all: Vec<&str> = own.filter(|name| name.starts_with(PREFIX)).collect();
    let candidates = all.iter().copied().chain(OURS.iter().copied());
    let hint = suggest::nearest(name, candidates)
        .map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    let message = format!(
        "no setting of {} has this variable; {hint}known are {}",
        program.name,
        all.join(", ")
    );
    Problem {
        origin: Some(origin),
        message,
    }
}

//! The layers, one over the other.

use std::ffi::OsString;

use super::flags::{Flags, Table};
use super::origin::Given;
use super::read::Value;
use super::secret::read_secret;
use super::setting::CONFIG;
use super::{Origin, Problem, Program, Setting, Settings, environment, file};

impl Settings {
    /// Gathers everything that was set. What is wrong with it is told by
    /// [`Settings::finish`], together with what the program finds.
    #[must_use]
    pub fn gather<T: Table>(
        program: &'static Program,
        flags: Flags<T>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Self {
        let environment: Vec<(OsString, OsString)> = environment.into_iter().collect();
        let pattern = environment::of_pattern(&environment);
        let (variables, mut problems) = environment::read(program, environment);
        let config = [&flags.given, &variables]
            .into_iter()
            .find_map(|layer| layer.iter().find(|given| given.setting == CONFIG.flag));
        let (lines, wrong) = config.map_or_else(Default::default, |config| {
            file::read(program, &config.text, &config.origin)
        });
        problems.extend(wrong);
        let layers = [flags.given, variables, lines];
        let values = program.settings.iter().map(|setting| {
            let strongest = layers.iter().map(|layer| of(layer, setting));
            let given = strongest.into_iter().find(|given| !given.is_empty());
            value(setting, given.unwrap_or_default(), &mut problems)
        });
        let values = values.collect();
        Self::new(program, values, problems, pattern)
    }
}

fn of<'a>(layer: &'a [Given], setting: &Setting) -> Vec<&'a Given> {
    let own = layer.iter().filter(|given| given.setting == setting.flag);
    own.collect()
}

/// The value that one layer gives.
fn value(setting: &'static Setting, given: Vec<&Given>, problems: &mut Vec<Problem>) -> Value {
    let unset = Value {
        setting,
        text: setting.default.map(str::to_owned),
        origin: Origin::Default,
        by_file: None,
        shown: None,
    };
    let mut problem = |origin: &Origin, message: String| {
        problems.push(Problem {
            origin: Some(origin.clone()),
            message,
        });
    };
    let one = match given.as_slice() {
        [] => return unset,
        [one] => *one,
        [one, other, ..] => {
            let message = format!("{} is set as well; keep one of them", other.origin);
            problem(&one.origin, message);
            one
        }
    };
    let origin = one.origin.clone();
    if !one.by_file {
        return Value {
            text: Some(one.text.clone()),
            origin,
            ..unset
        };
    }
    let text = read_secret(&one.text)
        .map_err(|error| problem(&origin, error.to_string()))
        .ok();
    Value {
        text,
        origin,
        by_file: Some(one.text.clone()),
        ..unset
    }
}

//! The layer of the settings file.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use dualwrite_core::yaml;

use super::origin::Given;
use super::{Origin, Problem, Program, Setting};

/// Anyone at all may read the file.
const READ_BY_OTHERS: u32 = 0o004;

/// The values that a settings file gives, and what is wrong with it. `origin`
/// is what named the file.
pub(super) fn read(program: &Program, path: &str, origin: &Origin) -> (Vec<Given>, Vec<Problem>) {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("cannot read {path}: {error}");
            return (Vec::new(), vec![problem(origin.clone(), message)]);
        }
    };
    let keys = keys(program);
    let names: Vec<&str> = keys.iter().map(|(key, ..)| key.as_str()).collect();
    let entries = match yaml::flat(path, &text, &names) {
        Ok(entries) => entries,
        Err(errors) => {
            let problems = errors.errors.into_iter().map(|error| Problem {
                origin: None,
                message: error.to_string(),
            });
            return (Vec::new(), problems.collect());
        }
    };
    let open = is_open(path);
    let mut given = Vec::new();
    let mut problems = Vec::new();
    for entry in entries {
        let Some((_, setting, by_file)) = keys.iter().find(|(key, ..)| *key == entry.name) else {
            continue;
        };
        let origin = Origin::File {
            file: path.to_owned(),
            line: entry.line,
            column: entry.column,
        };
        if setting.is_secret() && !by_file && open {
            problems.push(problem(origin.clone(), readable(setting, path)));
        }
        given.push(Given {
            setting: setting.flag,
            by_file: *by_file,
            text: entry.text,
            origin,
        });
    }
    (given, problems)
}

/// Every name that the file may have, with its setting and whether it names a
/// file that holds the value.
fn keys(program: &Program) -> Vec<(String, &'static Setting, bool)> {
    let settings = program.settings.iter().filter(|setting| setting.has_key());
    settings
        .flat_map(|setting| {
            let own = (setting.key.to_owned(), *setting, false);
            let by_file = setting
                .is_secret()
                .then(|| (format!("{}File", setting.key), *setting, true));
            std::iter::once(own).chain(by_file)
        })
        .collect()
}

fn is_open(path: &str) -> bool {
    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & READ_BY_OTHERS != 0)
}

fn readable(setting: &Setting, path: &str) -> String {
    let key = setting.key;
    format!(
        "`{key}` is a secret, and everyone on this machine may read {path}; \
         run `chmod o-rwx {path}`, or name a file that holds it with `{key}File`"
    )
}

const fn problem(origin: Origin, message: String) -> Problem {
    Problem {
        origin: Some(origin),
        message,
    }
}

//! How a program reads its settings, and gathers what is wrong with them.

use std::fmt::Display;
use std::path::PathBuf;

use super::problems::{Problem, Problems};
use super::secret::{HIDDEN, redact_url};
use super::{Kind, Origin, Program, Setting};

/// What a program was told, layer over layer.
///
/// Reading never fails at once: what is wrong is noted, and told all together
/// by [`Settings::finish`].
#[derive(Debug)]
pub struct Settings {
    pub(super) program: &'static Program,
    pub(super) values: Vec<Value>,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<String>,
    pattern: Vec<(String, String)>,
}

/// One setting as it is.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) setting: &'static Setting,
    pub(super) text: Option<String>,
    pub(super) origin: Origin,
    /// The file that held it.
    pub(super) by_file: Option<String>,
    /// What to show in place of the text.
    pub(super) shown: Option<String>,
}

impl Settings {
    pub(super) const fn new(
        program: &'static Program,
        values: Vec<Value>,
        problems: Vec<Problem>,
        pattern: Vec<(String, String)>,
    ) -> Self {
        Self {
            program,
            values,
            problems,
            warnings: Vec::new(),
            pattern,
        }
    }

    /// The variables of hand-written dual writes that are set
    /// ([`dualwrite_core::environment`]), of any service.
    pub fn of_pattern(&self) -> impl Iterator<Item = (&str, &str)> {
        let pattern = self.pattern.iter();
        pattern.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value as text, where there is one.
    #[must_use]
    pub fn text(&self, setting: &Setting) -> Option<String> {
        self.value(setting)?.text.clone()
    }

    /// The value, read by `parse`. `None` where there is none, and where it is
    /// wrong, which is noted.
    pub fn read<T, E: Display>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(setting)?;
        parse(&text)
            .map_err(|error| self.wrong(setting, error.to_string()))
            .ok()
    }

    /// Likewise, where there has to be a value. `missing` says what for.
    pub fn require<T, E: Display>(
        &mut self,
        setting: &Setting,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if self.value(setting).is_none_or(|value| value.text.is_none()) && !self.is_set(setting) {
            self.missing(format!("{} is not set: {}", names(setting), setting.help));
            return None;
        }
        self.read(setting, parse)
    }

    /// Whether a switch is on.
    pub fn switch(&mut self, setting: &Setting) -> bool {
        self.read(setting, truth).unwrap_or(false)
    }

    /// Whether somebody set it, rightly or wrongly.
    #[must_use]
    pub fn is_set(&self, setting: &Setting) -> bool {
        let value = self.value(setting);
        value.is_some_and(|value| value.origin != Origin::Default)
    }

    /// The file that held the value, where it was a secret in a file of its own.
    #[must_use]
    pub fn file_of(&self, setting: &Setting) -> Option<PathBuf> {
        self.value(setting)?.by_file.as_ref().map(PathBuf::from)
    }

    /// Notes that a value is wrong.
    pub fn wrong(&mut self, setting: &Setting, message: impl Into<String>) {
        let origin = self.value(setting).map(|value| value.origin.clone());
        let origin = origin.filter(|origin| *origin != Origin::Default);
        let message = message.into();
        self.problems.push(Problem { origin, message });
    }

    /// Notes that something is missing, or wrong as a whole.
    pub fn missing(&mut self, message: impl Into<String>) {
        self.problems.push(Problem {
            origin: None,
            message: message.into(),
        });
    }

    /// Notes what is allowed and probably not meant.
    pub fn warn(&mut self, message: impl Into<String>) {
        self.warnings.push(message.into());
    }

    /// Says what follows where nothing is set, for `config check`.
    pub fn follows(&mut self, setting: &Setting, shown: impl Into<String>) {
        let own = |value: &&mut Value| value.setting.flag == setting.flag;
        if let Some(value) = self.values.iter_mut().find(own)
            && value.text.is_none()
        {
            value.shown = Some(shown.into());
        }
    }

    /// What is allowed and probably not meant.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// What the program made of its settings, if nothing was wrong.
    ///
    /// # Errors
    /// [`Problems`]: all that is wrong.
    pub fn finish<T>(self, made: Option<T>) -> Result<T, Problems> {
        match made {
            Some(made) if self.problems.is_empty() => Ok(made),
            Some(_) | None => Err(Problems(self.problems)),
        }
    }

    fn value(&self, setting: &Setting) -> Option<&Value> {
        let mut values = self.values.iter();
        values.find(|value| value.setting.flag == setting.flag)
    }
}

impl Value {
    /// The value as it may be shown.
    pub(super) fn shown(&self) -> Option<String> {
        let text = self.text.as_deref();
        match self.setting.kind {
            Kind::Plain | Kind::Switch | Kind::ConfigFile => {
                text.map(str::to_owned).or_else(|| self.shown.clone())
            }
            Kind::Secret => text.map(|_| HIDDEN.to_owned()),
            Kind::SecretUrl => text.map(redact_url),
        }
    }
}

/// Reads a truth value, in every spelling that people use.
///
/// # Errors
/// What would be right.
pub fn truth(text: &str) -> Result<bool, String> {
    dualwrite_core::flags::parse_bool(text)
        .ok_or_else(|| format!("`{text}` is no truth value; expected true or false"))
}

/// A setting by its flag and its variable.
fn names(setting: &Setting) -> String {
    format!("--{} ({})", setting.flag, setting.variable)
}

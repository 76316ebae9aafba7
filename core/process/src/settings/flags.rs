//! The layer of the command line.

use std::marker::PhantomData;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::origin::Given;
use super::{Kind, Origin, Setting};

/// The settings that one command takes as flags.
pub trait Table {
    /// They, in the order of its help.
    const SETTINGS: &'static [&'static Setting];
}

/// What was typed of a command's settings, to be flattened into its arguments.
#[derive(Debug, Clone)]
pub struct Flags<T> {
    pub(super) given: Vec<Given>,
    table: PhantomData<T>,
}

impl<T: Table> Args for Flags<T> {
    fn augment_args(command: Command) -> Command {
        let flags = T::SETTINGS.iter().flat_map(|setting| arguments(setting));
        command.args(flags)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<T: Table> FromArgMatches for Flags<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = T::SETTINGS.iter().flat_map(|setting| {
            let own = given(matches, setting, setting.flag, false);
            let by_file = setting
                .is_secret()
                .then(|| given(matches, setting, file_flag(setting), true));
            own.into_iter().chain(by_file.flatten())
        });
        Ok(Self {
            given: given.collect(),
            table: PhantomData,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn given(
    matches: &ArgMatches,
    setting: &Setting,
    flag: impl AsRef<str>,
    by_file: bool,
) -> Option<Given> {
    let flag = flag.as_ref();
    let text = matches.get_one::<String>(flag)?;
    Some(Given {
        setting: setting.flag,
        by_file,
        text: text.clone(),
        origin: Origin::Flag(format!("--{flag}")),
    })
}

fn file_flag(setting: &Setting) -> String {
    format!("{}-file", setting.flag)
}

fn arguments(setting: &Setting) -> Vec<Arg> {
    let argument = Arg::new(setting.flag)
        .long(setting.flag)
        .help(help(setting))
        .action(ArgAction::Set);
    match setting.kind {
        Kind::Plain | Kind::ConfigFile => vec![argument.value_name(setting.value)],
        Kind::Switch => vec![
            argument
                .value_name("true|false")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("true")
                .hide_possible_values(true),
        ],
        Kind::Secret | Kind::SecretUrl => {
            let flag = file_flag(setting);
            let by_file = Arg::new(flag.clone())
                .long(flag)
                .value_name("FILE")
                .help(format!(
                    "File that holds the value of --{} [env: {}_FILE]",
                    setting.flag, setting.variable
                ))
                .action(ArgAction::Set);
            vec![argument.value_name(setting.value), by_file]
        }
    }
}

fn help(setting: &Setting) -> String {
    let mut help = format!("{} [env: {}]", setting.help, setting.variable);
    if let (Some(default), false) = (setting.default, setting.kind == Kind::Switch) {
        help.push_str(" [default: ");
        help.push_str(default);
        help.push(']');
    }
    help
}

//! The settings of a program: one table is the single source of what can be
//! set, and of its flag, environment variable and name in the settings file.
//!
//! Layers, each stronger than the one before: the default, the file named by
//! `--config` (or `DUALWRITE_CONFIG`), the environment, the command line. A
//! value remembers where it came from ([`Origin`]), for errors and for
//! `config check`. Everything that is wrong is found at once.
//!
//! Read in this order: [`Setting`] and [`Program`] (the table), [`Flags`] (what
//! was typed), `settings/environment.rs`, `settings/file.rs` and
//! `settings/secret.rs` (the other layers), [`Settings`] (all of them
//! together, and how a program reads them), [`Report`] (what `config check`
//! prints).
//!
//! A new setting is a constant of the program's table and a line of its
//! documentation: flag, variable, file and `config check` follow from that.

mod check;
mod environment;
mod file;
mod flags;
mod gather;
mod listeners;
mod origin;
mod problems;
mod read;
mod report;
mod secret;
mod setting;

pub use check::check;
pub use environment::OURS;
pub use flags::{Flags, Table};
pub use listeners::{ListenSettings, Listening};
pub use origin::Origin;
pub use problems::{Problem, Problems};
pub use read::{Settings, truth};
pub use report::{Report, ReportFormat};
pub use secret::{SecretError, read_secret};
pub use setting::{CONFIG, Kind, LOG, Program, Setting};

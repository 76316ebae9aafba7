//! The only place that prints: data to standard output, the rest to standard
//! error.

use std::io::{self, IsTerminal as _, Write as _};

use clap::ValueEnum;
use serde::Serialize;

use crate::failure::Failure;
use crate::paint::{Paint, Tone};

/// Clears a terminal and goes to its first place.
const CLEAR: &str = "\x1b[2J\x1b[H";

/// How data is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// For machines: names never change within a major version.
    Json,
}

/// Where a command prints.
#[derive(Debug)]
pub(crate) struct Output {
    format: Format,
    quiet: bool,
    paint: Paint,
    paint_errors: Paint,
}

impl Output {
    pub(crate) fn new(format: Format, no_color: bool, quiet: bool) -> Self {
        let refused = no_color || std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
        Self {
            format,
            quiet,
            paint: Paint::new(!refused && io::stdout().is_terminal()),
            paint_errors: Paint::new(!refused && io::stderr().is_terminal()),
        }
    }

    /// Prints data: as JSON, or as `human` makes it.
    pub(crate) fn data<T: Serialize>(&self, view: &T, human: impl FnOnce(&T, Paint) -> String) {
        match self.format {
            Format::Table => write_out(&human(view, self.paint)),
            Format::Json => write_out(&pretty(view)),
        }
    }

    /// Prints one of many data, as it comes: JSON on one line, or as `human`
    /// makes it.
    pub(crate) fn entry<T: Serialize>(&self, view: &T, human: impl FnOnce(&T, Paint) -> String) {
        match self.format {
            Format::Table => write_out(&human(view, self.paint)),
            Format::Json => write_out(&format!("{}\n", compact(view))),
        }
    }

    /// Prints text that is data in every format, such as a script.
    pub(crate) fn raw(text: &str) {
        write_out(text);
    }

    /// Puts text in place of what is on the terminal.
    pub(crate) fn redraw(&self, human: impl FnOnce(Paint) -> String) {
        write_out(&format!("{CLEAR}{}", human(self.paint)));
    }

    /// Whether somebody watches, so that a view can be redrawn.
    pub(crate) fn is_live(&self) -> bool {
        self.format == Format::Table && io::stdout().is_terminal()
    }

    /// Whether progress can be drawn.
    pub(crate) fn draws_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Whether data is printed for machines.
    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Prints what belongs beside data, in its tones.
    pub(crate) fn aside(&self, human: impl FnOnce(Paint) -> String) {
        if !self.quiet {
            write_error(&human(self.paint_errors));
        }
    }

    /// Says something that is no data.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            write_error(&format!("{text}\n"));
        }
    }

    /// Warns of something.
    pub(crate) fn warn(&self, text: &str) {
        let word = self.paint_errors.text(Tone::Warn, "warning:");
        write_error(&format!("{word} {text}\n"));
    }

    /// Says what went wrong, and what can be done about it.
    pub(crate) fn failure(&self, failure: &Failure) {
        match self.format {
            Format::Table => write_error(&failure.render(self.paint_errors)),
            Format::Json => write_error(&format!("{}\n", compact(&failure.view()))),
        }
    }

    /// Asks, when somebody is there to answer.
    pub(crate) fn ask(question: &str) -> Option<io::Result<String>> {
        if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
            return None;
        }
        write_error(&format!("{question} [y/N] "));
        let mut answer = String::new();
        Some(io::stdin().read_line(&mut answer).map(|_| answer))
    }
}

fn pretty<T: Serialize>(view: &T) -> String {
    // Views are plain data with text keys: serialising them has no way to fail.
    let text = serde_json::to_string_pretty(view).unwrap_or_default();
    format!("{text}\n")
}

fn compact<T: Serialize>(view: &T) -> String {
    serde_json::to_string(view).unwrap_or_default()
}

fn write_out(text: &str) {
    let mut out = io::stdout().lock();
    if out
        .write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .is_err()
    {
        // The reader went away (`| head`): there is nobody left to tell.
        std::process::exit(0);
    }
}

fn write_error(text: &str) {
    let mut err = io::stderr().lock();
    // Nowhere is left to say that this failed.
    let _told = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

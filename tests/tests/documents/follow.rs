//! A page followed to the letter: every line of its `sh` fences, in order, in
//! one shell; and what each fence printed.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use dualwrite_tests::process::{Process, Program};
use dualwrite_tests::until;
use tempfile::TempDir;

use crate::document::{Document, Fence};
use crate::shown::Shown;

/// All of a page, on a machine that does other things as well.
const PATIENCE: Duration = Duration::from_mins(8);

/// What marks, in what the shell prints, that a fence begins.
const MARK: &str = "=== fence ";

/// What the shell says when nothing failed.
const END: &str = "=== the end of the page";

/// Programs that a page starts in the background: they end with the shell.
const SERVERS: [&str; 2] = ["dualwrite-control-plane", "dualwrite-sidecar"];

/// A page, and the world in which its lines are typed.
pub(crate) struct Page {
    name: String,
    document: Document,
    folder: TempDir,
    environment: Vec<(String, String)>,
    instead: Vec<(String, String)>,
}

impl Page {
    pub(crate) fn of(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            document: Document::read(name),
            folder: tempfile::tempdir().unwrap(),
            environment: Vec::new(),
            instead: Vec::new(),
        }
    }

    pub(crate) fn document(&self) -> &Document {
        &self.document
    }

    /// Where its lines are typed.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    #[must_use]
    pub(crate) fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// What stands where the page has an address of its own.
    #[must_use]
    pub(crate) fn instead(mut self, shown: &str, real: impl Into<String>) -> Self {
        self.instead.push((shown.to_owned(), real.into()));
        self
    }

    /// Types every line of it, and sees that each fence printed what the page
    /// shows behind it. A line that fails ends it.
    pub(crate) async fn follow(&self) -> String {
        let path = self.folder().join("page.sh");
        std::fs::write(&path, self.script()).unwrap();
        let shell = Program::of_the_system("bash").arg(path.as_os_str());
        let shell = self
            .environment
            .iter()
            .fold(shell, |shell, (name, value)| shell.env(name, value));
        let mut shell = shell.start().unwrap();
        let ended = until("the page's lines end", PATIENCE, async || {
            if shell.is_running().unwrap() {
                Err(shell.log_tail())
            } else {
                Ok(())
            }
        });
        if let Err(overdue) = ended.await {
            panic!("{overdue}\n{}", self.logs());
        }
        let said = self.shown_again(&shell);
        assert!(
            said.contains(END),
            "{}:\n{said}\n{}",
            self.name,
            self.logs()
        );
        self.holds(&said);
        said
    }

    /// What the shell printed, with the page's own addresses.
    fn shown_again(&self, shell: &Process) -> String {
        self.instead
            .iter()
            .fold(shell.log(), |said, (shown, real)| said.replace(real, shown))
    }

    /// The page's lines as one script, each fence announced.
    fn script(&self) -> String {
        let programs = std::env::current_exe().unwrap();
        let programs = programs.ancestors().nth(2).unwrap();
        let mut script = format!(
            "exec 2>&1\nset -e -o pipefail\ncd '{}'\n",
            self.folder().display()
        );
        for program in SERVERS {
            // A job of the shell is a process of its own, which may be replaced.
            writeln!(
                script,
                "{program}() {{ if [ $BASHPID = $$ ]; then '{path}' \"$@\"; \
                 else exec setpriv --pdeathsig KILL '{path}' \"$@\" >> '{program}.log' 2>&1; fi; }}",
                path = programs.join(program).display()
            )
            .unwrap();
        }
        let command = programs.join("dualwrite");
        writeln!(script, "dualwrite() {{ '{}' \"$@\"; }}", command.display()).unwrap();
        for (number, fence) in self.document.fences.iter().enumerate() {
            if fence.language == "sh" {
                writeln!(script, "printf '\\n{MARK}%s\\n' {number}").unwrap();
                script += &self.real(&fence.text);
            }
        }
        script + &format!("printf '\\n%s\\n' '{END}'\nkill $(jobs -p) 2>/dev/null || true\nwait\n")
    }

    fn real(&self, text: &str) -> String {
        self.instead
            .iter()
            .fold(text.to_owned(), |text, (shown, real)| {
                text.replace(shown, real)
            })
    }

    /// Every fence printed what the page shows, and nothing else.
    fn holds(&self, said: &str) {
        for (number, pair) in self.document.fences.windows(2).enumerate() {
            let [commands, shown] = pair else { continue };
            if commands.language == "sh" && is_output(shown) {
                let (expected, got) = (Shown::of(&shown.text), Shown::of(printed(said, number)));
                assert!(
                    expected.is(&got),
                    "{}:\n{}is shown to print\n{expected}\nand prints\n{got}\n\nas it stands:\n{}",
                    self.name,
                    commands.text,
                    printed(said, number)
                );
            }
        }
    }

    fn logs(&self) -> String {
        let log = |name: &str| std::fs::read_to_string(self.folder().join(format!("{name}.log")));
        SERVERS.map(|name| log(name).unwrap_or_default()).concat()
    }
}

/// Whether a fence shows what the one before it prints.
fn is_output(fence: &Fence) -> bool {
    matches!(fence.language.as_str(), "text" | "json")
}

/// What the fence of this number printed.
fn printed(said: &str, number: usize) -> &str {
    let own = said.split(&format!("\n{MARK}{number}\n")).nth(1);
    let own = own.unwrap_or_default();
    own.split(&format!("\n{MARK}"))
        .next()
        .unwrap_or_default()
        .split(&format!("\n{END}"))
        .next()
        .unwrap_or_default()
}

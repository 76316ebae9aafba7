//! What cleans up when the test process itself is killed and no destructor runs.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

/// Waits for the end of its own standard input, which only this process holds open; then ends the
/// process `$1` by the signal `$2`, and once it is gone removes the folder `$3`, if one is given.
///
/// It ignores the polite signals, since a test runner sends them to the whole group at once, and
/// sits in a group of its own, since the runner's next signal is not polite.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
read -r _
kill -CONT "$1" 2>/dev/null
kill -"$2" "$1" 2>/dev/null
while kill -0 "$1" 2>/dev/null; do sleep 0.1; done
if [ -n "$3" ]; then rm -rf -- "$3"; fi
"#;

/// A small process that outlives this one for as long as it takes to clean up.
#[derive(Debug)]
pub(crate) struct Reaper(Child);

impl Reaper {
    /// Watches over the process `pid`, which this process just started.
    pub(crate) fn watch(pid: u32, signal: &str, folder: Option<&Path>) -> Result<Self> {
        let child = Command::new("sh")
            .args(["-c", SCRIPT, "reaper", &pid.to_string(), signal])
            .arg(folder.unwrap_or(Path::new("")))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("start the shell that cleans up after a killed test")?;
        Ok(Self(child))
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        // Killed before its input closes: there is nothing left for it to do.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eventually;

    #[tokio::test]
    async fn ends_the_process_and_removes_the_folder_when_its_input_closes() {
        let folder = tempfile::tempdir().unwrap().keep();
        let mut orphan = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let mut reaper = Reaper::watch(orphan.id(), "KILL", Some(&folder)).unwrap();
        drop(reaper.0.stdin.take());
        eventually("the end of the orphan", async || orphan.try_wait().unwrap()).await;
        eventually("the end of its folder", async || !folder.exists()).await;
    }
}

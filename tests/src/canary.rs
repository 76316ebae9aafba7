//! A password that can be told from everything else, and the search for it in all that programs
//! say, answer and keep.

use std::fmt::Debug;
use std::path::Path;

use anyhow::Result;

/// The password in clear text, as it stands in SQL.
pub const PASSWORD: &str = "canary+Pa5s/word&x";

/// The password in a URL.
pub const ESCAPED: &str = "canary%2BPa5s%2Fword%26x";

/// The password in clear text and in a URL, parts of it that survive a cut, and what base64 makes
/// of it at each of the three offsets.
const NEEDLES: [&str; 6] = [
    "canary+",
    "canary%2B",
    "Pa5s",
    "Y2FuYXJ5K1BhNXMvd29yZC",
    "hbmFyeStQYTVzL3dvcmQ",
    "YW5hcnkrUGE1cy93b3JkJ",
];

/// All that was emitted so far, each piece under the name of where it came from.
#[derive(Debug, Default)]
pub struct Emitted(Vec<(String, String)>);

impl Emitted {
    /// Adds a piece.
    pub fn add(&mut self, whence: &str, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.0.push((whence.to_owned(), text));
    }

    /// Adds what a value looks like.
    pub fn told(&mut self, whence: &str, value: &impl Debug) {
        self.add(whence, format!("{value:?}").as_bytes());
    }

    /// Adds every file beneath a folder: the store, the snapshot on disk, logs.
    pub fn folder(&mut self, folder: &Path) -> Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.folder(&path)?;
            } else if path.is_file() {
                self.add(&path.display().to_string(), &std::fs::read(&path)?);
            }
        }
        Ok(())
    }

    /// Whether a word was emitted by somebody whose name holds `whence`.
    pub fn has(&self, whence: &str, word: &str) -> bool {
        let mut pieces = self.0.iter();
        pieces.any(|(name, text)| name.contains(whence) && text.contains(word))
    }

    /// Searches all of it.
    ///
    /// # Panics
    /// Where the password, or one of these other secrets, was emitted.
    pub fn check(&self, others: &[&str]) {
        for needle in NEEDLES.iter().chain(others) {
            for (whence, text) in &self.0 {
                let before = text.find(needle).map(|at| {
                    let from = at.saturating_sub(200);
                    String::from_utf8_lossy(&text.as_bytes()[from..at]).into_owned()
                });
                assert_eq!(before, None, "`{needle}` is in {whence}, after this");
            }
        }
    }
}

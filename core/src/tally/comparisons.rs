//! How reads that were done on both sides compared. Counts alone: no key, no
//! value.

/// How comparisons of one entity's reads ended, since a process began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Comparisons {
    /// Both sides said the same.
    pub matches: u64,
    /// They differed, also under the key's lock, and no marker stood.
    pub mismatches: u64,
    /// The key was being copied, or the other side was no copy just then.
    pub skipped: u64,
    /// There was no room to compare them.
    pub shed: u64,
    /// The other side did not answer, or not in time.
    pub failed: u64,
}

impl Comparisons {
    /// Every count under the word of metrics and reports.
    #[must_use]
    pub const fn each(&self) -> [(&'static str, u64); 5] {
        let Self {
            matches,
            mismatches,
            skipped,
            shed,
            failed,
        } = *self;
        [
            ("match", matches),
            ("mismatch", mismatches),
            ("skipped", skipped),
            ("shed", shed),
            ("failed", failed),
        ]
    }

    /// Adds another process's counts. They stop at their maximum instead of
    /// wrapping, whatever a sidecar reports.
    pub const fn add(&mut self, other: &Self) {
        self.matches = self.matches.saturating_add(other.matches);
        self.mismatches = self.mismatches.saturating_add(other.mismatches);
        self.skipped = self.skipped.saturating_add(other.skipped);
        self.shed = self.shed.saturating_add(other.shed);
        self.failed = self.failed.saturating_add(other.failed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_processes_compared_is_added_up_and_never_wraps() {
        let mut sum = Comparisons {
            matches: u64::MAX,
            mismatches: 1,
            ..Comparisons::default()
        };
        sum.add(&Comparisons {
            matches: 2,
            mismatches: 3,
            skipped: 4,
            shed: 5,
            failed: 6,
        });
        let expected = [
            ("match", u64::MAX),
            ("mismatch", 4),
            ("skipped", 4),
            ("shed", 5),
            ("failed", 6),
        ];
        assert_eq!(sum.each(), expected);
    }
}

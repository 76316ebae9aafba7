//! A stable hash of a request, to tell a repeated one from another one that
//! was sent under the same idempotency key.

use xxhash_rust::xxh3::Xxh3;

/// Hashes parts in order; their lengths are part of the hash, so that no two
/// lists of parts run together.
#[derive(Default)]
pub struct Fingerprint {
    state: Xxh3,
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fingerprint").finish_non_exhaustive()
    }
}

impl Fingerprint {
    /// Adds one part.
    pub fn part(&mut self, bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.state.update(&length.to_be_bytes());
        self.state.update(bytes);
    }

    /// The hash, never 0 (which stands for "no request").
    #[must_use]
    pub fn finish(&self) -> i64 {
        match i64::from_ne_bytes(self.state.digest().to_ne_bytes()) {
            0 => 1,
            hash => hash,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parts: &[&str]) -> i64 {
        let mut print = Fingerprint::default();
        for part in parts {
            print.part(part.as_bytes());
        }
        print.finish()
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_eq!(of(&["ab", "c"]), of(&["ab", "c"]));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["ab"]), of(&["ab", ""]));
    }
}

//! Keys: which row, in one canonical form on every engine.
//!
//! The canonical bytes of a key keep its order (integers by number, text and
//! bytes bytewise, tuples part by part), so they serve as shard bounds, as
//! page tokens and, hashed, as the choice of a lock bucket.

mod bytes;

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::value::{Kind, Value};

/// Key locks of one service: few enough for any lock table, many enough that
/// writers of different keys rarely meet. Part of the protocol: all sidecars
/// of a service must agree on it.
pub const BUCKETS: u16 = 1024;

/// Seed of [`share`], so that a key's share says nothing about its bucket.
const SHARE_SEED: u64 = 0x6475_616c_7772_6974;

/// The key of a row: at least one part, none of them NULL.
///
/// Equality, order and hash are those of the canonical bytes. An integer's
/// bytes do not depend on whether its column is signed.
#[derive(Clone)]
pub struct Key {
    parts: Vec<Value>,
    bytes: Vec<u8>,
}

/// Values that are no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No parts at all.
    #[error("a key has at least one part")]
    Empty,
    /// A part is NULL.
    #[error("part {part} of the key is null: expected a value")]
    Null {
        /// Which part, counted from 1.
        part: usize,
    },
    /// A part is of a kind that has no order of its own on every engine.
    #[error("part {part} of the key is {kind}, which cannot be part of a key")]
    Kind {
        /// Which part, counted from 1.
        part: usize,
        /// The kind that was given.
        kind: Kind,
    },
    /// Bytes that are not the canonical form of a key of these kinds.
    #[error("these bytes are no key of kinds ({kinds}): {why}")]
    Encoding {
        /// The kinds that were asked for.
        kinds: String,
        /// What is wrong.
        why: &'static str,
    },
}

impl Key {
    /// A key of these parts, in the order of the mapping's `key`.
    ///
    /// # Errors
    /// [`KeyError`] for no parts, a NULL, or a kind that cannot be in a key.
    pub fn new(parts: Vec<Value>) -> Result<Self, KeyError> {
        if parts.is_empty() {
            return Err(KeyError::Empty);
        }
        let mut bytes = Vec::with_capacity(16 * parts.len());
        for (index, value) in parts.iter().enumerate() {
            bytes::put(&mut bytes, value, index + 1)?;
        }
        Ok(Self { parts, bytes })
    }

    /// The key that these canonical bytes stand for, its parts of `kinds`.
    ///
    /// # Errors
    /// [`KeyError::Encoding`] when the bytes are not exactly such a key.
    pub fn decode(bytes: &[u8], kinds: &[Kind]) -> Result<Self, KeyError> {
        let encoding = |why| KeyError::Encoding {
            kinds: kinds
                .iter()
                .map(|kind| kind.as_str())
                .collect::<Vec<_>>()
                .join(", "),
            why,
        };
        let key = Self::new(bytes::take_all(bytes, kinds).map_err(encoding)?)?;
        if key.bytes == bytes {
            Ok(key)
        } else {
            Err(encoding("they are not in canonical form"))
        }
    }

    /// The canonical bytes: order preserving and self-delimiting.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// The canonical bytes, borrowed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The parts, in order.
    #[must_use]
    pub fn parts(&self) -> &[Value] {
        &self.parts
    }

    /// The parts, in order.
    #[must_use]
    pub fn into_parts(self) -> Vec<Value> {
        self.parts
    }

    /// The key as people read it: its parts as text, joined by commas.
    ///
    /// For entities whose key is `sensitive`, show [`Key::hashed`] instead.
    #[must_use]
    pub fn display(&self) -> String {
        let texts: Vec<String> = self.parts.iter().filter_map(Value::to_text).collect();
        texts.join(",")
    }

    /// A stand-in for a sensitive key: `#` and 16 hexadecimal digits of a
    /// SHA-256, the same for the same key everywhere.
    #[must_use]
    pub fn hashed(&self) -> String {
        let digest = Sha256::digest(&self.bytes);
        let (head, _) = digest.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        format!("#{:016x}", u64::from_be_bytes(*head))
    }

    /// [`Key::hashed`] where the key is sensitive, else [`Key::display`].
    #[must_use]
    pub fn shown(&self, sensitive: bool) -> String {
        if sensitive {
            self.hashed()
        } else {
            self.display()
        }
    }
}

/// The lock bucket of a key: 0 to [`BUCKETS`] - 1, the same on every engine.
#[must_use]
pub fn bucket(service: &str, entity: &str, key: &Key) -> u16 {
    let hash = xxh3_64(&hashed_bytes(service, entity, key)) % u64::from(BUCKETS);
    u16::try_from(hash).unwrap_or(0)
}

/// Where a key stands between 0 and 99, evenly spread and independent of its
/// bucket: a percentage flag applies to keys whose share is below it.
#[must_use]
pub fn share(service: &str, entity: &str, key: &Key) -> u8 {
    let hash = xxh3_64_with_seed(&hashed_bytes(service, entity, key), SHARE_SEED) % 100;
    u8::try_from(hash).unwrap_or(0)
}

fn hashed_bytes(service: &str, entity: &str, key: &Key) -> Vec<u8> {
    [
        service.as_bytes(),
        b"\0",
        entity.as_bytes(),
        b"\0",
        &key.bytes,
    ]
    .concat()
}

// === impl order, equality, hash: those of the bytes ===

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes.cmp(&other.bytes)
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.parts).finish()
    }
}

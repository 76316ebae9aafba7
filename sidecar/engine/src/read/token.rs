//! Page tokens: where the next page starts, and under whose authority and for
//! which request the pages before it were read.

use std::fmt::Write;

use dualwrite_core::authority::Authority;
use dualwrite_core::fingerprint::Fingerprint;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::EntityMap;

use crate::request::ListRequest;

/// What all tokens of one listing have in common.
#[derive(Debug)]
pub(super) struct PageToken {
    /// Side and epoch: after a change of primary key order may differ.
    authority: String,
    /// Entity and filter.
    request: i64,
}

/// Why a token cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TokenError {
    /// It is not of this listing, or not ours at all.
    Foreign,
    /// It is from before a change of primary.
    Expired,
}

impl PageToken {
    pub(super) fn first(request: &ListRequest, authority: &Authority) -> Self {
        let mut print = Fingerprint::default();
        print.part(request.entity.as_bytes());
        let mut filter: Vec<_> = request.filter.iter().collect();
        filter.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, value) in filter {
            print.part(name.as_bytes());
            print.part(value.to_text().unwrap_or_default().as_bytes());
        }
        let authority = format!("{}{}", authority.primary, authority.epoch);
        Self {
            authority,
            request: print.finish(),
        }
    }

    pub(super) fn write(&self, key: &Key) -> String {
        let mut text = format!("{}.{:x}.", self.authority, self.request);
        for byte in key.as_bytes() {
            // Writing to a string has no way to fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    pub(super) fn read(&self, text: &str, entity: &EntityMap) -> Result<Option<Key>, TokenError> {
        if text.is_empty() {
            return Ok(None);
        }
        let mut parts = text.split('.');
        let (Some(authority), Some(request), Some(hex), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::Foreign);
        };
        if request != format!("{:x}", self.request) {
            return Err(TokenError::Foreign);
        }
        if authority != self.authority {
            return Err(TokenError::Expired);
        }
        let bytes = unhex(hex).ok_or(TokenError::Foreign)?;
        Key::decode(&bytes, &entity.key_kinds())
            .map(Some)
            .map_err(|_| TokenError::Foreign)
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_strictly() {
        assert_eq!(unhex("00ff"), Some(vec![0, 255]));
        assert_eq!(unhex("0"), None);
        assert_eq!(unhex("zz"), None);
        assert_eq!(unhex("éé"), None);
    }
}

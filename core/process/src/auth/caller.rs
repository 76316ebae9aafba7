//! The name under which a call is made.

use http::HeaderMap;

/// Metadata in which a client says who uses it, as in `ada@laptop`.
pub const ACTOR_HEADER: &str = "dualwrite-actor";

/// Characters of a name at most: it is written into every entry of a history.
const MAX_NAME: usize = 64;

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    name: String,
}

impl Caller {
    /// Somebody who gave no name.
    #[must_use]
    pub fn anonymous() -> Self {
        Self {
            name: "anonymous".to_owned(),
        }
    }

    /// The name, as it goes into the history.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the headers claim, cut to what may stand in a history: visible
    /// ASCII, and not too much of it.
    pub(super) fn claimed(headers: &HeaderMap) -> Self {
        let claimed = headers
            .get(ACTOR_HEADER)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("");
        let visible = |c: &char| c.is_ascii_graphic() || *c == ' ';
        let name: String = claimed
            .trim()
            .chars()
            .filter(visible)
            .take(MAX_NAME)
            .collect();
        if name.is_empty() {
            Self::anonymous()
        } else {
            Self { name }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_to_what_a_history_can_hold() {
        let name = |value: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(ACTOR_HEADER, http::HeaderValue::from_bytes(value).unwrap());
            Caller::claimed(&headers).name
        };
        assert_eq!(name(b" ada\tlovelace "), "adalovelace");
        assert_eq!(name(b"\xff"), "anonymous");
        assert_eq!(name(b"   "), "anonymous");
        assert_eq!(name(&[b'x'; 500]).len(), MAX_NAME);
    }
}

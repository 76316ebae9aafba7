//! Etags: the revision that a caller saw. Opaque to callers.

use dualwrite_proto::WireError;

/// The etag of a revision.
pub(crate) fn of(revision: u64) -> String {
    revision.to_string()
}

/// The revision that a caller saw; none when it does not mind.
pub(crate) fn seen(etag: &str) -> Result<Option<u64>, WireError> {
    if etag.is_empty() {
        return Ok(None);
    }
    etag.parse().map(Some).map_err(|_| {
        WireError::at(
            "etag",
            "is not one that this service gave; read the migration and use its etag",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_comes_back_as_the_revision_it_was_made_of() {
        assert_eq!(seen(&of(7)), Ok(Some(7)));
        assert_eq!(seen(""), Ok(None));
        assert_eq!(seen("abc").unwrap_err().path, "etag");
    }
}

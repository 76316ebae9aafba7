//! Who changes something, and why.

/// Who changes something, and why; it goes into the history.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Author {
    /// Who.
    pub actor: String,
    /// Why; may be empty, except for what is forced.
    pub reason: String,
}

impl Author {
    /// An author.
    #[must_use]
    pub fn new(actor: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            actor: actor.into(),
            reason: reason.into(),
        }
    }

    /// The control plane itself.
    #[must_use]
    pub fn ourselves(reason: impl Into<String>) -> Self {
        Self::new("control-plane", reason)
    }
}

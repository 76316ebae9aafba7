//! How much of a list is answered at once.

/// Items in a page when the caller does not say.
pub const DEFAULT_PAGE: u32 = 100;

/// Items in a page at most: keeps an answer under a few megabytes.
pub const MAX_PAGE: u32 = 500;

/// The size of a page, within its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize(u32);

impl PageSize {
    /// The nearest allowed size; 0 means [`DEFAULT_PAGE`].
    #[must_use]
    pub const fn new(asked: u32) -> Self {
        match asked {
            0 => Self(DEFAULT_PAGE),
            1..MAX_PAGE => Self(asked),
            MAX_PAGE.. => Self(MAX_PAGE),
        }
    }

    /// The size.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self(DEFAULT_PAGE)
    }
}

//! Reading and changing the fence.

use dualwrite_core::fence::Fence;

/// The fence row of a service, or its absence.
pub type FenceRow = Option<Fence>;

/// What a compare-and-set of a fence came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CasOutcome {
    /// It is done.
    Changed,
    /// The row was something else: this.
    Lost(FenceRow),
    /// Markers are left, and the change wanted none.
    MarkersLeft,
}

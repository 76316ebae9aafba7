//! The unit of work.

use async_trait::async_trait;
use dualwrite_core::tally::Delta;

use super::{
    ReadEvents, ReadJobs, ReadMigrations, ReadSidecars, ReadTransitions, WriteEvents, WriteJobs,
    WriteMigrations, WriteSidecars, WriteTransitions,
};
use crate::error::StaleRevision;

/// Where everything is kept that must outlive a restart.
#[async_trait]
pub trait Store: std::fmt::Debug + Send + Sync + 'static {
    /// All of the store at one instant, for reading.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn view(&self) -> Result<Box<dyn View>, StoreError>;

    /// A unit of work. Waits for the one before it: there is one writer, and
    /// nobody ever meets "busy".
    ///
    /// # Errors
    /// [`StoreError`].
    async fn begin(&self) -> Result<Box<dyn Work>, StoreError>;

    /// What it is, and how large.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn about(&self) -> Result<About, StoreError>;

    /// How often each of its operations was done, how it ended and how long it
    /// took, since the process began. The names are a fixed set.
    fn timings(&self) -> Vec<(&'static str, Delta)>;
}

/// What a store is, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The kind of database, as in `SQLite`.
    pub kind: &'static str,
    /// The number of its schema.
    pub schema: u64,
    /// The newest number of a schema that this program knows.
    pub known: u64,
    /// How many bytes it takes.
    pub bytes: u64,
}

/// The store at one instant.
pub trait View:
    ReadMigrations + ReadTransitions + ReadJobs + ReadEvents + ReadSidecars + Send
{
}

impl<T> View for T where
    T: ReadMigrations + ReadTransitions + ReadJobs + ReadEvents + ReadSidecars + Send
{
}

/// A unit of work: what it wrote is seen by nobody before it is committed, and
/// is gone when it is dropped, or when the process is killed.
#[async_trait]
pub trait Work:
    View + WriteMigrations + WriteTransitions + WriteJobs + WriteEvents + WriteSidecars
{
    /// Makes all of it visible and durable at once.
    ///
    /// # Errors
    /// [`StoreError`]; then it is not known whether it was committed, and the
    /// store is to be read again.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// The store did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It did not answer, or not well. A repetition can help.
    #[error("the store of the control plane is not available while it should {doing}: {cause}")]
    Unavailable {
        /// What was asked for.
        doing: &'static str,
        /// What the database said.
        cause: String,
    },
    /// It holds something that is not understood; a newer version may have
    /// written it.
    #[error(
        "the store of the control plane holds a {what} that this version does not understand: {cause}"
    )]
    Damaged {
        /// What was read.
        what: &'static str,
        /// What is wrong with it.
        cause: String,
    },
}

/// A migration was not saved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SaveError {
    /// It is at another revision by now.
    #[error(transparent)]
    Stale(#[from] StaleRevision),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

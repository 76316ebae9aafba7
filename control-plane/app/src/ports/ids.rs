//! New identifiers.

/// Makes identifiers: of plans, jobs, sessions and questions to sidecars.
pub trait Ids: std::fmt::Debug + Send + Sync + 'static {
    /// One that was never made before, on any replica.
    fn next(&self) -> String;
}

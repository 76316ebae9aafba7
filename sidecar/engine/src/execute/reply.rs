//! The answer to a write, in the application's words.

use super::{Run, Step};
use crate::error::DataError;
use crate::request::{MutationResult, Outcome, WriteReply};
use crate::store::Image;
use crate::translate;

impl Run<'_> {
    /// The answer out of the primary's row images.
    pub(super) fn reply(&self, images: Vec<Image>, secondary: Outcome) -> Step {
        match self.results(self.primary(), images) {
            Ok(results) => Step::Reply(self.outcomes(results, secondary, false)),
            Err(error) => Step::Fail(error),
        }
    }

    /// Row images of one side as results.
    pub(super) fn results(
        &self,
        side: dualwrite_core::side::Side,
        images: Vec<Image>,
    ) -> Result<Vec<MutationResult>, DataError> {
        let pairs = self.translated.iter().zip(images);
        let results = pairs.map(|(one, image)| {
            let row = image.row.map(|row| translate::image(&one.entity, side, row)).transpose();
            // The write is committed: a row that cannot be told is the
            // relay's trouble, and the caller's only in that it is not shown.
            let row = row.unwrap_or_else(|error| {
                tracing::warn!(entity = %one.entity.name, %error, "a row image cannot be converted");
                None
            });
            Ok(MutationResult { matched: image.matched, row })
        });
        results.collect()
    }

    /// What happened on each side.
    pub(super) fn outcomes(
        &self,
        results: Vec<MutationResult>,
        secondary: Outcome,
        replayed: bool,
    ) -> WriteReply {
        let (legacy, new) = match self.primary() {
            dualwrite_core::side::Side::Legacy => (Outcome::Committed, secondary),
            dualwrite_core::side::Side::New => (secondary, Outcome::Committed),
        };
        WriteReply {
            results,
            legacy,
            new,
            replayed,
        }
    }
}

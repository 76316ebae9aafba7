//! D1 and C1: every change leaves its marker, and without one both sides are
//! equal.

use std::collections::BTreeSet;

use dualwrite_core::fence::{EpochSettings, FenceAt};
use dualwrite_core::key::bucket;
use dualwrite_core::side::{Role, Side};
use dualwrite_engine::store::Token;

use super::{Oracle, Row, name_of};
use crate::server::{Commit, Server, Space};
use crate::shop::{Name, SERVICE, canonical, table_of};

impl Oracle {
    /// D1: the marker of each changed row is left by the same transaction.
    pub(super) fn judge_markers(
        &self,
        server: &Server,
        epoch: u64,
        token: Option<Token>,
        end: &Commit,
    ) {
        let rows = end.written.iter();
        let rows = rows.filter(|one| matches!(one.id.space, Space::Row(_)));
        let changed: BTreeSet<Name> = rows.filter_map(name_of).collect();
        if changed.is_empty() {
            return;
        }
        if !self.marks(server, epoch) {
            self.book().comparable = false;
            return;
        }
        let left = end.written.iter().filter(|one| {
            let stands = one.after.as_ref().and_then(|version| version.token());
            matches!(one.id.space, Space::Marker(..)) && token.is_some() && stands == token
        });
        let left: BTreeSet<Name> = left.filter_map(name_of).collect();
        for name in changed.difference(&left) {
            self.broken("D1", format!("{name} is changed without a marker"));
        }
    }

    /// Whether the writes of the epoch that stands here leave markers.
    fn marks(&self, server: &Server, epoch: u64) -> bool {
        if let Some(known) = self.book().marking.get(&epoch) {
            return *known;
        }
        let fence = server
            .fence_row(SERVICE)
            .filter(|fence| fence.epoch == epoch);
        let Some(fence) = fence else { return true };
        let settings = EpochSettings::from_json(&fence.settings);
        let marks = settings.is_ok_and(|settings| settings.marking);
        self.book().marking.insert(epoch, marks);
        marks
    }

    /// C1 for these keys, at this instant.
    pub(super) fn compare(&self, names: &BTreeSet<Name>) {
        let (Some(legacy), Some(new)) = (self.server(Side::Legacy), self.server(Side::New)) else {
            return;
        };
        let at = |server: &Server| server.fence_row(SERVICE).map(|fence| fence.at());
        let Some(primary) = claimant(at(&legacy), at(&new)) else {
            return;
        };
        if names.is_empty() || !self.book().comparable {
            return;
        }
        let (p, s) = match primary {
            Side::Legacy => (&legacy, &new),
            Side::New => (&new, &legacy),
        };
        for name in names {
            let held = s.bucket_is_held(SERVICE, bucket(SERVICE, &name.entity, &name.key));
            if held || p.marker(SERVICE, &name.entity, &name.key).is_some() {
                continue;
            }
            let (there, here) = (row_of(p, primary, name), row_of(s, primary.other(), name));
            if there != here {
                let what = format!(
                    "{name} has no marker, and is {there:?} on {primary} and {here:?} beside it"
                );
                self.broken("C1", what);
            }
        }
    }

    /// Both sides are equal, row by row, whatever markers there are.
    pub fn judge_equal(&self) {
        let (Some(legacy), Some(new)) = (self.server(Side::Legacy), self.server(Side::New)) else {
            return;
        };
        for entity in [crate::shop::CART, crate::shop::ITEM] {
            let rows = |server: &Server, side| {
                let rows = server.rows(table_of(entity, side)).into_iter();
                let rows = rows.map(|(key, row)| (key, canonical(entity, side, row)));
                rows.collect::<Vec<_>>()
            };
            let (ours, theirs) = (rows(&legacy, Side::Legacy), rows(&new, Side::New));
            if ours != theirs {
                let what = format!("{entity} is {ours:?} on legacy and {theirs:?} on new");
                self.broken("equal", what);
            }
        }
    }
}

/// The committed row of a key in the new side's form.
pub(super) fn row_of(server: &Server, side: Side, name: &Name) -> Row {
    let row = server.row(table_of(&name.entity, side), &name.key)?;
    Some(canonical(&name.entity, side, row))
}

/// The side whose rows are the truth.
pub(super) fn claimant(legacy: Option<FenceAt>, new: Option<FenceAt>) -> Option<Side> {
    let claims = |at: FenceAt| match at.role {
        Role::Primary | Role::Frozen | Role::Handed => true,
        Role::Secondary | Role::Off => false,
    };
    let sides = [(Side::Legacy, legacy), (Side::New, new)].into_iter();
    let claims = sides.filter_map(|(side, at)| Some((side, at.filter(|at| claims(*at))?)));
    let first = claims.max_by_key(|(_, at)| (at.epoch, at.role == Role::Primary));
    first.map(|(side, _)| side)
}

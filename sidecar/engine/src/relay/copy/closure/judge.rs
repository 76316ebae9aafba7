//! Which keys must join, which cannot be copied, and what comes first.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::{EntityMap, Reference};

use super::super::Refusal;
use super::{Finding, Ground, Judged, Member, Need, park, picked};
use crate::relay::Dirty;
use crate::store::RowKey;

/// Weighs the findings. Whoever hangs on a member that is refused is refused
/// too, so they are weighed again until nothing changes.
pub(in super::super) fn judge(
    ground: Ground<'_>,
    members: &[Member],
    findings: &[Finding],
) -> Judged {
    let places = members.iter().enumerate();
    let places = places.map(|(at, one)| (place_of(&one.on_secondary), at));
    let court = Court {
        ground,
        members,
        places: places.collect(),
    };
    let mut judged = Judged::default();
    loop {
        let refused = judged.refused.len();
        judged = Judged {
            refused: judged.refused,
            ..Judged::default()
        };
        for finding in findings {
            if judged.refused.contains_key(&finding.member) {
                continue;
            }
            if let Err(why) = court.weigh(finding, &mut judged) {
                judged.refused.insert(finding.member, why);
            }
        }
        if judged.refused.len() == refused {
            return judged;
        }
    }
}

type Place = (Arc<str>, Key);

fn place_of(row: &RowKey) -> Place {
    (Arc::clone(&row.table.entity), row.key.clone())
}

struct Court<'a> {
    ground: Ground<'a>,
    members: &'a [Member],
    places: HashMap<Place, usize>,
}

impl Court<'_> {
    fn weigh(&self, finding: &Finding, judged: &mut Judged) -> Result<(), Refusal> {
        match &finding.need {
            Need::Unique(columns) => self.unique(finding, columns, judged),
            Need::Parent(reference) => self.parent(finding, reference, judged),
            Need::Children(_, reference) => self.children(finding, reference, judged),
        }
    }

    /// Whoever holds the value must give it up first.
    fn unique(
        &self,
        finding: &Finding,
        columns: &[usize],
        judged: &mut Judged,
    ) -> Result<(), Refusal> {
        let own = &self.members[finding.member].on_secondary;
        // By its own collation a database may find the row itself.
        for row in finding.holders.iter().filter(|row| row.key != own.key) {
            let Some(holder) = self.moving(finding, row, judged)? else {
                continue;
            };
            let other = &self.members[holder];
            let keeps = other.comes().and_then(|row| picked(row, columns));
            if keeps.as_ref() == Some(&finding.values) {
                let why = "holds it on the primary as well, where it is not unique";
                return Err(Refusal::lasting(self.told(finding, row, why)));
            }
            let table = &other.on_secondary.table;
            match park::column(table, columns, &self.referred(other)) {
                Some(column) => judged.parks.push((holder, column)),
                None if other.goes() => {}
                None => {
                    let why = "holds it, and no column of it can be given another value meanwhile";
                    return Err(Refusal::lasting(self.told(finding, row, why)));
                }
            }
        }
        Ok(())
    }

    /// The parent must be there, or come.
    fn parent(
        &self,
        finding: &Finding,
        reference: &Reference,
        judged: &mut Judged,
    ) -> Result<(), Refusal> {
        let provides = |place: usize| {
            let row = self.members[place].comes();
            row.and_then(|row| picked(row, &reference.parent_columns))
                == Some(finding.values.clone())
        };
        let is_kept = |row: &RowKey| match self.places.get(&place_of(row)) {
            None => true,
            Some(place) => {
                self.members[*place].target.is_none()
                    || judged.refused.contains_key(place)
                    || provides(*place)
            }
        };
        if finding.holders.iter().any(is_kept) {
            return Ok(());
        }
        let comes = (0..self.members.len())
            .find(|place| self.members[*place].entity.name == reference.parent && provides(*place));
        if let Some(parent) = comes {
            if judged.refused.contains_key(&parent) {
                let row = &self.members[parent].on_secondary;
                return Err(Refusal::awaiting(self.told(
                    finding,
                    row,
                    "cannot be copied",
                )));
            }
            judged
                .comes_after
                .push((finding.member, parent, reference.clone()));
            return Ok(());
        }
        let row = self.named(finding, reference)?;
        match self.moving(finding, &row, judged)? {
            None => Ok(()),
            Some(_) => Err(Refusal::awaiting(self.told(
                finding,
                &row,
                "is absent on the primary as well",
            ))),
        }
    }

    /// The parent's row as the reference names it.
    fn named(&self, finding: &Finding, reference: &Reference) -> Result<RowKey, Refusal> {
        let parent = self.ground.mapping.entity(&reference.parent);
        let found = parent.and_then(|parent| {
            let table = parent.table(self.ground.side);
            let part = |column: &usize| {
                let columns = &reference.parent_columns;
                let at = columns.iter().position(|other| other == column)?;
                finding.values.get(at).cloned()
            };
            let parts: Option<Vec<_>> = table.key.iter().map(part).collect();
            Some(RowKey {
                table: Arc::clone(table),
                key: Key::new(parts?).ok()?,
            })
        });
        found.ok_or_else(|| {
            let own = self.shown(&self.members[finding.member].on_secondary);
            let parent = &reference.parent;
            Refusal::awaiting(format!("{own} refers to a {parent} that is not there yet"))
        })
    }

    /// Whoever refers to what goes must go or turn elsewhere.
    fn children(
        &self,
        finding: &Finding,
        reference: &Reference,
        judged: &mut Judged,
    ) -> Result<(), Refusal> {
        for row in &finding.holders {
            let Some(place) = self.moving(finding, row, judged)? else {
                continue;
            };
            let child = &self.members[place];
            let refers = child
                .comes()
                .and_then(|row| picked(row, &reference.columns));
            if place != finding.member && refers.as_ref() == Some(&finding.values) {
                let why = "refers to it on the primary as well";
                return Err(Refusal::awaiting(self.told(finding, row, why)));
            }
            if child.goes() && place != finding.member {
                judged
                    .goes_after
                    .push((finding.member, place, reference.clone()));
            }
        }
        Ok(())
    }

    /// The member that this row is, if it is one that will be copied; whoever
    /// is none yet is asked to join.
    fn moving(
        &self,
        finding: &Finding,
        row: &RowKey,
        judged: &mut Judged,
    ) -> Result<Option<usize>, Refusal> {
        let Some(place) = self.places.get(&place_of(row)) else {
            let dirty = self.canonical(row)?;
            if !judged.join.contains(&dirty) {
                judged.join.push(dirty);
            }
            return Ok(None);
        };
        if self.members[*place].target.is_none() {
            let why = "is in the way and has no marker: the databases differ there";
            let told = self.told(finding, row, why);
            return Err(match finding.need {
                Need::Unique(_) => Refusal::lasting(told),
                Need::Parent(_) | Need::Children(..) => Refusal::awaiting(told),
            });
        }
        if judged.refused.contains_key(place) {
            return Err(Refusal::awaiting(self.told(
                finding,
                row,
                "is in the way and cannot be copied",
            )));
        }
        Ok(Some(*place))
    }

    fn canonical(&self, row: &RowKey) -> Result<Dirty, Refusal> {
        let entity = &row.table.entity;
        let known = self.ground.mapping.entity(entity);
        let known = known.ok_or_else(|| Refusal::lasting(format!("{entity} is not mapped")))?;
        let parts = known.key_from_side(self.ground.side, row.key.parts().to_vec());
        let parts = parts.map_err(Refusal::lasting)?;
        Ok(Dirty {
            entity: Arc::clone(&known.name),
            key: Key::new(parts).map_err(Refusal::lasting)?,
        })
    }

    /// Columns of a member that others refer to.
    fn referred(&self, member: &Member) -> BTreeSet<usize> {
        let entities = self.ground.mapping.all();
        let references = entities.flat_map(|entity| &entity.table(self.ground.side).references);
        references
            .filter(|reference| reference.parent == member.entity.name)
            .flat_map(|reference| reference.parent_columns.iter().copied())
            .collect()
    }

    /// What is wanted, and of whom: columns and keys, never values.
    fn told(&self, finding: &Finding, other: &RowKey, why: &str) -> String {
        let member = &self.members[finding.member];
        let own = self.shown(&member.on_secondary);
        let other = self.shown(other);
        let names = |table: &dualwrite_core::mapping::Table, columns: &[usize]| {
            let names = columns.iter().map(|at| table.columns[*at].name.as_str());
            names.collect::<Vec<_>>().join(", ")
        };
        match &finding.need {
            Need::Unique(columns) => {
                let columns = names(&member.on_secondary.table, columns);
                format!("{own} takes a unique value ({columns}): {other} {why}")
            }
            Need::Parent(reference) => {
                let columns = names(&member.on_secondary.table, &reference.columns);
                format!("{own} refers by ({columns}) to a row that is not there: {other} {why}")
            }
            Need::Children(table, reference) => {
                let columns = names(table, &reference.columns);
                format!("{own} goes, and is referred to by ({columns}): {other} {why}")
            }
        }
    }

    /// A key as people may see it.
    fn shown(&self, row: &RowKey) -> String {
        let entity = &row.table.entity;
        let known: Option<&Arc<EntityMap>> = self.ground.mapping.entity(entity);
        let sensitive = known.is_none_or(|known| known.has_sensitive_key());
        format!("{entity} {}", row.key.shown(sensitive))
    }
}

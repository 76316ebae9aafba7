//! A pair of tables as an entity.

mod both;

use super::columns::{self, Referring};
use super::keys;
use super::read::Read;
use super::remark::Remark;
use super::{Proposed, unmatched};
use crate::side::Side;
use crate::spec::{Capture, Entity};

use both::Both;

/// Two tables that are taken for one entity.
pub(super) struct Pair<'a> {
    pub(super) legacy: &'a Read<'a>,
    pub(super) new: &'a Read<'a>,
    /// The entity's name.
    pub(super) name: String,
    /// Why they are taken for one, where that is worth saying.
    pub(super) remarks: Vec<Remark>,
}

/// The entity, offered if both sides have its key.
pub(super) fn entity(pair: Pair<'_>, referring: &Referring) -> Proposed {
    let Pair {
        legacy,
        new,
        name,
        mut remarks,
    } = pair;
    let matched = columns::matched(legacy, new, referring);
    let both = Both { legacy, new };
    let (mut lines, plain) = both.lines(&matched);
    lines.extend(unmatched::columns(legacy, new, &matched));
    let (key, offered) = match keys::key(legacy, new, &plain) {
        Ok(key) => {
            remarks.extend(key.remarks);
            (key.fields, true)
        }
        Err(why) => {
            let key = both.new_primary();
            let undecided = key.iter().find_map(|at| {
                let name = &new.columns[*at].info.name;
                lines
                    .iter()
                    .find_map(|line| line.undecided(Side::New, name))
            });
            remarks.extend(undecided.map_or(why, |remark| vec![remark]));
            (key, false)
        }
    };
    remarks.extend(unmatched::uniques(legacy, new, &matched.pairs, &key));
    let field = |at: &usize| new.columns[*at].info.name.clone();
    let certain = lines.iter().filter(|line| line.certain);
    let entity = Entity {
        root: false,
        key: key.iter().map(field).collect(),
        capture: Capture::None,
        legacy_table: legacy.name.clone(),
        new_table: new.name.clone(),
        columns: certain.flat_map(|line| line.columns.clone()).collect(),
        name,
    };
    signed(Proposed {
        entity,
        offered,
        remarks,
        lines,
    })
}

/// Puts the entity's name under every remark.
fn signed(mut proposed: Proposed) -> Proposed {
    let name = proposed.entity.name.clone();
    let lines = proposed.lines.iter_mut().flat_map(|line| &mut line.remarks);
    for remark in proposed.remarks.iter_mut().chain(lines) {
        remark.subject.clone_from(&name);
    }
    proposed
}

//! Copies that one statement can write.

use std::collections::HashSet;
use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::value::Value;
use dualwrite_engine::store::Copy;

/// Consecutive copies to one table that are all rows, or all absences.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) table: &'a Arc<Table>,
    pub(super) content: Content<'a>,
}

/// What a group makes of its keys.
#[derive(Debug)]
pub(super) enum Content<'a> {
    /// These rows.
    Rows(Vec<&'a [Value]>),
    /// Nothing.
    Absent(Vec<&'a Key>),
}

/// Groups in the order given: the caller has put parents and children right.
/// No key is twice in a group, since one statement writes a row but once.
pub(super) fn consecutive(copies: &[Copy]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut seen: HashSet<&Key> = HashSet::new();
    for copy in copies {
        let fits = groups
            .last()
            .is_some_and(|group| group.takes(copy) && !seen.contains(&copy.key));
        if !fits {
            seen.clear();
            groups.push(Group::empty_for(copy));
        }
        seen.insert(&copy.key);
        if let Some(group) = groups.last_mut() {
            group.add(copy);
        }
    }
    groups
}

impl<'a> Group<'a> {
    fn empty_for(copy: &'a Copy) -> Self {
        let content = match copy.row {
            Some(_) => Content::Rows(Vec::new()),
            None => Content::Absent(Vec::new()),
        };
        Self {
            table: &copy.table,
            content,
        }
    }

    fn takes(&self, copy: &Copy) -> bool {
        let same = Arc::ptr_eq(self.table, &copy.table) || self.table == &copy.table;
        same && matches!(self.content, Content::Rows(_)) == copy.row.is_some()
    }

    fn add(&mut self, copy: &'a Copy) {
        match (&mut self.content, &copy.row) {
            (Content::Rows(rows), Some(row)) => rows.push(row),
            (Content::Absent(keys), None) => keys.push(&copy.key),
            (Content::Rows(_), None) | (Content::Absent(_), Some(_)) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::tests::{items, lines};

    fn copy(table: &Arc<Table>, id: i64, there: bool) -> Copy {
        Copy {
            table: table.clone(),
            key: Key::new(vec![Value::Int(id)]).unwrap(),
            row: there.then(|| vec![Value::Int(id), Value::Null, Value::Null]),
        }
    }

    fn shape(copies: &[Copy]) -> Vec<(String, usize)> {
        let shape = |group: &Group<'_>| match &group.content {
            Content::Rows(rows) => (format!("{} rows", group.table.entity), rows.len()),
            Content::Absent(keys) => (format!("{} absent", group.table.entity), keys.len()),
        };
        consecutive(copies).iter().map(shape).collect()
    }

    #[test]
    fn groups_keep_the_order_and_no_key_is_twice_in_one() {
        let (item, line) = (Arc::new(items()), Arc::new(lines()));
        let copies = [
            copy(&item, 1, true),
            copy(&item, 2, true),
            copy(&item, 1, true),
            copy(&line, 1, true),
            copy(&item, 1, false),
            copy(&item, 2, false),
        ];
        let expected = [
            ("item rows", 2),
            ("item rows", 1),
            ("line rows", 1),
            ("item absent", 2),
        ];
        let expected: Vec<(String, usize)> = expected
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count))
            .collect();
        assert_eq!(shape(&copies), expected);
    }
}

//! Drafts of tables, as databases in memory define them.

use dualwrite_engine::fake::FakeTable;

use crate::suite::ddl::Draft;

/// A table in memory.
pub(crate) fn table_of(draft: &Draft) -> FakeTable {
    let mut table = FakeTable::new(&draft.name).key(&names(&draft.key));
    for column in &draft.columns {
        table = if column.nullable {
            table.nullable(&column.name, column.kind)
        } else {
            table.column(&column.name, column.kind)
        };
        if let Some(value) = &column.default {
            table = table.default_of(&column.name, value.clone());
        }
    }
    for unique in &draft.uniques {
        table = table.unique(&names(unique));
    }
    for reference in &draft.references {
        table = table.references(
            &names(&reference.columns),
            &reference.table,
            &names(&reference.referenced),
        );
    }
    table
}

fn names(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

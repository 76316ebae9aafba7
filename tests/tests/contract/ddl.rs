//! Tables as a case wants them, in no engine's words.

use dualwrite_core::value::{Kind, Value};

/// A table to be created.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) entity: String,
    pub(crate) name: String,
    pub(crate) columns: Vec<ColumnDraft>,
    pub(crate) key: Vec<String>,
    pub(crate) uniques: Vec<Vec<String>>,
    pub(crate) references: Vec<Reference>,
    /// Whether the only key column is drawn from a sequence when left out.
    pub(crate) serial: bool,
}

/// One column of it.
#[derive(Debug, Clone)]
pub(crate) struct ColumnDraft {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) nullable: bool,
    pub(crate) default: Option<Value>,
}

/// One foreign key of it.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    pub(crate) columns: Vec<String>,
    pub(crate) table: String,
    pub(crate) referenced: Vec<String>,
}

impl Draft {
    pub(crate) fn new(entity: &str, name: &str) -> Self {
        Self {
            entity: entity.to_owned(),
            name: name.to_owned(),
            columns: Vec::new(),
            key: Vec::new(),
            uniques: Vec::new(),
            references: Vec::new(),
            serial: false,
        }
    }

    pub(crate) fn column(self, name: &str, kind: Kind) -> Self {
        self.add(name, kind, false, None)
    }

    pub(crate) fn nullable(self, name: &str, kind: Kind) -> Self {
        self.add(name, kind, true, None)
    }

    pub(crate) fn default(self, name: &str, value: Value) -> Self {
        let kind = value.kind().expect("a default has a kind");
        self.add(name, kind, false, Some(value))
    }

    pub(crate) fn key(mut self, columns: &[&str]) -> Self {
        self.key = owned(columns);
        self
    }

    pub(crate) fn unique(mut self, columns: &[&str]) -> Self {
        self.uniques.push(owned(columns));
        self
    }

    pub(crate) fn references(mut self, column: &str, table: &str, referenced: &str) -> Self {
        self.references.push(Reference {
            columns: owned(&[column]),
            table: table.to_owned(),
            referenced: owned(&[referenced]),
        });
        self
    }

    pub(crate) fn serial(mut self) -> Self {
        self.serial = true;
        self
    }

    fn add(mut self, name: &str, kind: Kind, nullable: bool, default: Option<Value>) -> Self {
        self.columns.push(ColumnDraft {
            name: name.to_owned(),
            kind,
            nullable,
            default,
        });
        self
    }

    /// The statement, where `serial` is how the engine declares a key that is
    /// drawn from a sequence.
    pub(crate) fn sql(&self, native: fn(Kind) -> &'static str, serial: &str) -> String {
        let columns = self.columns.iter().map(|column| {
            let name = quote(&column.name);
            if self.serial && self.key == [column.name.clone()] {
                return format!("{name} {serial}");
            }
            let null = if column.nullable { "" } else { " NOT NULL" };
            let default = column.default.as_ref().and_then(Value::to_text);
            let default = default.map(|text| format!(" DEFAULT '{}'", text.replace('\'', "''")));
            format!(
                "{name} {}{null}{}",
                native(column.kind),
                default.unwrap_or_default()
            )
        });
        let key = (!self.serial).then(|| format!("PRIMARY KEY ({})", list(&self.key)));
        let uniques = self
            .uniques
            .iter()
            .map(|unique| format!("UNIQUE ({})", list(unique)));
        let references = self.references.iter().map(|reference| {
            format!(
                "FOREIGN KEY ({}) REFERENCES {} ({})",
                list(&reference.columns),
                quote(&reference.table),
                list(&reference.referenced)
            )
        });
        let parts: Vec<String> = columns
            .chain(key)
            .chain(uniques)
            .chain(references)
            .collect();
        format!("CREATE TABLE {} ({})", quote(&self.name), parts.join(", "))
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn list(names: &[String]) -> String {
    names
        .iter()
        .map(|name| quote(name))
        .collect::<Vec<_>>()
        .join(", ")
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

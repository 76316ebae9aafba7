//! One mutation of one row, as a statement of either flavour does it.

use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::mapping::Table;
use dualwrite_core::value::Value;
use dualwrite_engine::fake::{FakeTable, added, fitting};
use dualwrite_engine::store::{
    Change, Condition, ConstraintKind, Copy, Image, Mutation, StoreError,
};

use super::schema::{mapped, places};
use super::{Flavour, Mode, RecordId, Snapshot, Tx, Version};

type Given = [(usize, Value)];

const NO_MATCH: Image = Image {
    matched: false,
    row: None,
};

/// A row that a statement is about.
struct Target<'a> {
    table: &'a Table,
    key: &'a Key,
    id: RecordId,
    definition: Arc<FakeTable>,
    places: Vec<usize>,
}

impl<'a> Target<'a> {
    fn of(tx: &Tx, table: &'a Table, key: &'a Key) -> Result<Self, StoreError> {
        let definition = tx.server().definition(table)?;
        Ok(Self {
            id: RecordId::row(&table.name.to_string(), key),
            places: places(&definition, table)?,
            definition,
            table,
            key,
        })
    }

    fn mapped(&self, version: &Version) -> Vec<Value> {
        mapped(&self.places, version.row().unwrap_or_default())
    }
}

/// Names the row of a table.
pub(crate) fn row_id(table: &Table, key: &Key) -> RecordId {
    RecordId::row(&table.name.to_string(), key)
}

impl Tx {
    /// Applies one mutation in a statement that began with this snapshot.
    pub(crate) async fn mutate(
        &self,
        to: &Mutation,
        snapshot: &Snapshot,
    ) -> Result<Image, StoreError> {
        let target = Target::of(self, &to.table, &to.key)?;
        let done = match &to.change {
            Change::Insert { values } => self.insert(&target, values).await,
            Change::Upsert { values } => self.upsert(&target, values).await,
            Change::Update { set, add, only_if } => {
                self.update(&target, (set, add), only_if, snapshot).await
            }
            Change::Delete { only_if } => self.delete(&target, only_if, snapshot).await,
        };
        done.map_err(|error| self.fail(error))
    }

    async fn insert(&self, target: &Target<'_>, values: &Given) -> Result<Image, StoreError> {
        let pending = self.server.state().written_by_another(self.id, &target.id);
        let settled = self.server.flavour == Flavour::Postgres && pending != Some(false);
        // A row that is there and that nobody removes is refused at once.
        if settled && self.seen(&target.id).is_some() {
            return Err(self.refuse(&target.definition, ConstraintKind::Key, "primary key"));
        }
        self.lock_record(&target.id, Mode::Exclusive).await?;
        if self.seen(&target.id).is_some() {
            return Err(self.refuse(&target.definition, ConstraintKind::Key, "primary key"));
        }
        self.put_new(target, values).await
    }

    async fn upsert(&self, target: &Target<'_>, values: &Given) -> Result<Image, StoreError> {
        // Whoever is inserting the key is waited for, and the newest is changed.
        self.lock_record(&target.id, Mode::Exclusive).await?;
        match self.seen(&target.id) {
            Some(version) => self.set(target, &version, values).await,
            None => self.put_new(target, values).await,
        }
    }

    async fn update(
        &self,
        target: &Target<'_>,
        (set, add): (&Given, &Given),
        only_if: &Condition,
        snapshot: &Snapshot,
    ) -> Result<Image, StoreError> {
        let found = self.find(target, only_if, snapshot, Mode::Update).await?;
        let Some(version) = found else {
            return Ok(NO_MATCH);
        };
        let row = target.mapped(&version);
        let mut columns = set.to_vec();
        for (index, delta) in add {
            columns.push((*index, added(target.table, *index, &row[*index], delta)?));
        }
        self.set(target, &version, &columns).await
    }

    async fn delete(
        &self,
        target: &Target<'_>,
        only_if: &Condition,
        snapshot: &Snapshot,
    ) -> Result<Image, StoreError> {
        let found = self
            .find(target, only_if, snapshot, Mode::Exclusive)
            .await?;
        let Some(version) = found else {
            return Ok(NO_MATCH);
        };
        let row = version.row().unwrap_or_default();
        self.take_away(&target.definition, target.key, row).await?;
        Ok(Image {
            matched: true,
            row: None,
        })
    }

    /// The row that an UPDATE or DELETE finds, locked.
    ///
    /// PostgreSQL looks for it in its snapshot, waits for whoever changes it,
    /// and judges the newest version of that same row again. InnoDB waits for
    /// whoever writes the key, and judges what is there then.
    async fn find(
        &self,
        target: &Target<'_>,
        only_if: &Condition,
        snapshot: &Snapshot,
        mode: Mode,
    ) -> Result<Option<Arc<Version>>, StoreError> {
        let fits = |version: &Arc<Version>| only_if.holds(&target.mapped(version));
        match self.server.flavour {
            Flavour::Postgres => {
                let Some(saw) = snapshot.version(&target.id).filter(|saw| fits(saw)) else {
                    return Ok(None);
                };
                self.lock_record(&target.id, mode).await?;
                let newest = self.seen(&target.id);
                Ok(newest.filter(|newest| newest.birth == saw.birth && fits(newest)))
            }
            Flavour::InnoDb => {
                let written = self.server.state().written_by_another(self.id, &target.id);
                if written.is_none() && self.seen(&target.id).is_none() {
                    return Ok(None);
                }
                self.lock_record(&target.id, mode).await?;
                Ok(self.seen(&target.id).filter(fits))
            }
        }
    }

    async fn put_new(&self, target: &Target<'_>, values: &Given) -> Result<Image, StoreError> {
        let mut row = target.definition.blank();
        let parts = target.key.parts().iter().cloned();
        let keys = target.table.key.iter().copied().zip(parts);
        for (index, value) in keys.chain(values.iter().cloned()) {
            row[target.places[index]] = fitting(target.table, index, &value)?;
        }
        self.put_image(target, row).await
    }

    async fn set(
        &self,
        target: &Target<'_>,
        version: &Version,
        columns: &Given,
    ) -> Result<Image, StoreError> {
        let mut row = version.row().unwrap_or_default().to_vec();
        for (index, value) in columns {
            row[target.places[*index]] = fitting(target.table, *index, value)?;
        }
        self.put_image(target, row).await
    }

    async fn put_image(&self, target: &Target<'_>, row: Vec<Value>) -> Result<Image, StoreError> {
        let image = mapped(&target.places, &row);
        self.put(&target.definition, target.key, row).await?;
        Ok(Image {
            matched: true,
            row: Some(image),
        })
    }

    /// Makes one row equal, in a statement that began with this snapshot.
    pub(crate) async fn copy(&self, copy: &Copy, snapshot: &Snapshot) -> Result<(), StoreError> {
        let target = Target::of(self, &copy.table, &copy.key)?;
        let Some(values) = &copy.row else {
            let any = Condition::default();
            return self.delete(&target, &any, snapshot).await.map(drop);
        };
        if values.len() != copy.table.columns.len() {
            let why = format!("{}: a row of another length", copy.table.name);
            return Err(StoreError::Schema(why));
        }
        self.lock_record(&target.id, Mode::Exclusive).await?;
        let mut row = match self.seen(&target.id) {
            Some(version) => version.row().unwrap_or_default().to_vec(),
            None => vec![Value::Null; target.definition.info().columns.len()],
        };
        for (index, value) in values.iter().enumerate() {
            row[target.places[index]] = fitting(&copy.table, index, value)?;
        }
        self.put(&target.definition, &copy.key, row).await
    }
}

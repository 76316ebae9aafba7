use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dualwrite_core::convert::Convert;
use dualwrite_core::key::Key;
use dualwrite_core::mapping::{EntityMap, Field, Mapping, Reference, Table, TableColumn};
use dualwrite_core::side::Side;
use dualwrite_core::spec::TableName;
use dualwrite_core::value::{Kind, Value};

use super::*;
use crate::fake::{FakeStore, FakeTable};
use crate::ports::Entropy;
use crate::store::{InstallRequest, LockMode, LockRequest, Store};

#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn next_u64(&self) -> u64 {
        self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed)
    }
}

/// `node(id, code unique, up? refers to node)` and `leaf(id, node refers to
/// node)`, the same on both sides.
fn mapping(code_nullable: bool, up_nullable: bool) -> Mapping {
    let up = Reference {
        columns: vec![2],
        parent: Arc::from("node"),
        parent_columns: vec![0],
        deferrable: false,
    };
    let node = Reference {
        columns: vec![1],
        ..up.clone()
    };
    let columns = [("id", false), ("code", code_nullable), ("up", up_nullable)];
    Mapping {
        service: "trees".into(),
        entities: vec![
            entity("node", &columns, (0, &[up]), &[vec![1]]),
            entity("leaf", &[("id", false), ("node", false)], (1, &[node]), &[]),
        ],
        probes: Vec::new(),
    }
}

fn entity(
    name: &str,
    columns: &[(&str, bool)],
    (fk_rank, references): (u32, &[Reference]),
    uniques: &[Vec<usize>],
) -> Arc<EntityMap> {
    let column = |(name, nullable): &(&str, bool)| TableColumn {
        name: (*name).to_owned(),
        native: "bigint".into(),
        kind: Kind::Int,
        nullable: *nullable,
        generated: false,
    };
    let field = |(name, nullable): &(&str, bool)| Field {
        name: (*name).to_owned(),
        kind: Kind::Int,
        convert: Convert::None,
        sensitive: false,
        nullable: *nullable,
    };
    let table = Arc::new(Table {
        entity: Arc::from(name),
        name: TableName::bare(name),
        key: vec![0],
        columns: columns.iter().map(column).collect(),
        fk_rank,
        uniques: uniques.to_vec(),
        references: references.to_vec(),
    });
    Arc::new(EntityMap {
        name: Arc::from(name),
        root: false,
        captured: false,
        fields: columns.iter().map(field).collect(),
        key: vec![0],
        legacy: Arc::clone(&table),
        new: table,
    })
}

/// The secondary, holding some rows; its constraints are those of the mapping.
async fn secondary(mapping: &Mapping, rows: &[(&str, &[i64])]) -> FakeStore {
    let store = FakeStore::new();
    for entity in &mapping.entities {
        let columns = entity.new.columns.iter();
        let table = columns.fold(FakeTable::new(&entity.name), |table, column| {
            if column.nullable {
                table.nullable(&column.name, column.kind)
            } else {
                table.column(&column.name, column.kind)
            }
        });
        let table = table.key(&["id"]);
        store.create_table(if &*entity.name == "node" {
            let table = table.unique(&["code"]);
            table.references(&["up"], "node", &["id"])
        } else {
            table.references(&["node"], "node", &["id"])
        });
    }
    let fence = dualwrite_core::fence::Fence {
        epoch: 1,
        role: dualwrite_core::side::Role::Secondary,
        phase: dualwrite_core::phase::Phase::DualWrite,
        plan_id: String::new(),
        settings: "{}".into(),
    };
    let request = InstallRequest {
        service: "trees".into(),
        tables: Vec::new(),
        probes: Vec::new(),
        fence: Some(fence),
    };
    store.install(&request).await.unwrap();
    let copies: Vec<Copy> = rows
        .iter()
        .map(|(name, cells)| member(mapping, name, cells[0], Some(cells)))
        .map(|one| one.copy(one.comes().cloned()))
        .collect();
    let mut open = begin(&store).await;
    open.apply(&copies).await.unwrap();
    open.commit().await.unwrap();
    store
}

async fn begin(store: &FakeStore) -> Box<dyn OpenApply> {
    let request = LockRequest {
        service: Arc::from("trees"),
        epoch: 1,
        buckets: vec![1],
        mode: LockMode::Wait(std::time::Duration::from_secs(1)),
    };
    store.begin_apply(&request).await.unwrap()
}

/// A negative cell is NULL.
fn row(cells: &[i64]) -> Row {
    let cell = |cell: &i64| {
        if *cell < 0 {
            Value::Null
        } else {
            Value::Int(*cell)
        }
    };
    cells.iter().map(cell).collect()
}

fn member(mapping: &Mapping, name: &str, id: i64, cells: Option<&[i64]>) -> Member {
    let entity = Arc::clone(mapping.entity(name).unwrap());
    let on_secondary = RowKey {
        table: Arc::clone(&entity.new),
        key: Key::new(vec![Value::Int(id)]).unwrap(),
    };
    Member {
        entity,
        on_secondary,
        target: Some(Target(cells.map(row))),
        current: None,
    }
}

fn unmarked(mapping: &Mapping, name: &str, id: i64) -> Member {
    Member {
        target: None,
        ..member(mapping, name, id, None)
    }
}

struct Case {
    mapping: Mapping,
    store: FakeStore,
}

impl Case {
    async fn new(mapping: Mapping, rows: &[(&str, &[i64])]) -> Self {
        let store = secondary(&mapping, rows).await;
        Self { mapping, store }
    }

    async fn judge(&self, members: &mut [Member]) -> Judged {
        let ground = Ground {
            mapping: &self.mapping,
            side: Side::New,
        };
        let mut open = begin(&self.store).await;
        let findings = survey(&mut *open, ground, members).await.unwrap();
        open.rollback().await;
        judge(ground, members, &findings)
    }

    /// The set is closed; its writes are taken one by one.
    async fn copied(&self, mut members: Vec<Member>) {
        let judged = self.judge(&mut members).await;
        assert!(judged.join.is_empty(), "{:?}", judged.join);
        assert!(judged.refused.is_empty(), "{:?}", judged.refused);
        let copies = arrange(&members, &judged, &Counting::default());
        let mut open = begin(&self.store).await;
        for copy in &copies {
            open.apply(std::slice::from_ref(copy)).await.unwrap();
        }
        let keys: Vec<RowKey> = members.iter().map(|one| one.on_secondary.clone()).collect();
        let rows = open.read(&keys).await.unwrap();
        for (member, row) in members.iter().zip(rows) {
            assert_eq!(
                row.as_ref(),
                member.comes(),
                "{:?}",
                member.on_secondary.key
            );
        }
        open.commit().await.unwrap();
    }

    async fn joins(&self, mut members: Vec<Member>) -> Vec<(String, String)> {
        let judged = self.judge(&mut members).await;
        assert!(judged.refused.is_empty(), "{:?}", judged.refused);
        let named = judged.join.iter();
        named
            .map(|dirty| (dirty.entity.to_string(), dirty.key.display()))
            .collect()
    }

    async fn refuses(&self, mut members: Vec<Member>) -> Vec<String> {
        let judged = self.judge(&mut members).await;
        assert!(judged.join.is_empty(), "{:?}", judged.join);
        judged.refused.into_values().map(|why| why.error).collect()
    }
}

#[tokio::test]
async fn a_ring_of_unique_values_is_copied_with_and_without_null() {
    for nullable in [true, false] {
        let rows: &[(&str, &[i64])] = &[
            ("node", &[1, 10, -1]),
            ("node", &[2, 20, -1]),
            ("node", &[3, 30, -1]),
        ];
        let case = Case::new(mapping(nullable, true), rows).await;
        let m = &case.mapping;
        let turned = vec![
            member(m, "node", 1, Some(&[1, 20, -1])),
            member(m, "node", 2, Some(&[2, 30, -1])),
            member(m, "node", 3, Some(&[3, 10, -1])),
        ];
        case.copied(turned).await;
    }
}

#[tokio::test]
async fn whoever_holds_the_value_must_join() {
    let case = Case::new(mapping(false, true), &[("node", &[2, 20, -1])]).await;
    let taker = member(&case.mapping, "node", 1, Some(&[1, 20, -1]));
    let joins = case.joins(vec![taker]).await;
    assert_eq!(joins.len(), 1);
    assert!(
        joins[0].0 == "node" && joins[0].1.contains('2'),
        "{joins:?}"
    );
}

#[tokio::test]
async fn a_value_can_pass_from_a_row_that_goes() {
    let rows: &[(&str, &[i64])] = &[("node", &[1, 10, -1]), ("leaf", &[5, 1])];
    let case = Case::new(mapping(false, true), rows).await;
    let m = &case.mapping;
    // The leaf moves to the row that takes the value: it comes before the old
    // one goes, so that the value must be out of the way.
    let members = vec![
        member(m, "node", 1, None),
        member(m, "node", 2, Some(&[2, 10, -1])),
        member(m, "leaf", 5, Some(&[5, 2])),
    ];
    case.copied(members).await;
}

#[tokio::test]
async fn one_without_a_marker_is_a_divergence_that_names_both_keys() {
    let rows: &[(&str, &[i64])] = &[("node", &[2, 20, -1])];
    let case = Case::new(mapping(false, true), rows).await;
    let m = &case.mapping;
    let members = vec![
        member(m, "node", 1, Some(&[1, 20, -1])),
        unmarked(m, "node", 2),
        member(m, "leaf", 7, Some(&[7, 1])),
    ];
    let refused = case.refuses(members).await;
    assert_eq!(refused.len(), 2, "and the leaf that needs it: {refused:?}");
    let told = &refused[0];
    assert!(
        told.contains("node") && told.contains("(code)") && told.contains("has no marker"),
        "{told}"
    );
    assert!(!told.contains("20"), "no value: {told}");
}

#[tokio::test]
async fn a_value_that_the_primary_holds_twice_is_refused() {
    let case = Case::new(mapping(false, true), &[("node", &[2, 20, -1])]).await;
    let m = &case.mapping;
    let members = vec![
        member(m, "node", 1, Some(&[1, 20, -1])),
        member(m, "node", 2, Some(&[2, 20, -1])),
    ];
    let refused = case.refuses(members).await;
    assert!(refused[0].contains("on the primary as well"), "{refused:?}");
}

#[tokio::test]
async fn an_absent_parent_must_join_and_children_of_one_that_goes_too() {
    let rows: &[(&str, &[i64])] = &[("node", &[1, 10, -1]), ("leaf", &[5, 1]), ("leaf", &[6, 1])];
    let case = Case::new(mapping(false, true), rows).await;
    let m = &case.mapping;
    let child = member(m, "leaf", 7, Some(&[7, 9]));
    let joins = case.joins(vec![child]).await;
    assert_eq!(joins.len(), 1);
    assert_eq!(joins[0].0, "node");
    let parent = member(m, "node", 1, None);
    let joins = case.joins(vec![parent]).await;
    assert_eq!(joins.len(), 2, "{joins:?}");
    let all = vec![
        member(m, "node", 1, None),
        member(m, "leaf", 5, None),
        member(m, "node", 9, Some(&[9, 90, -1])),
        member(m, "leaf", 6, Some(&[6, 9])),
    ];
    case.copied(all).await;
}

#[tokio::test]
async fn a_child_that_stays_keeps_its_parent() {
    let rows: &[(&str, &[i64])] = &[("node", &[1, 10, -1]), ("leaf", &[5, 1])];
    let case = Case::new(mapping(false, true), rows).await;
    let m = &case.mapping;
    let members = vec![member(m, "node", 1, None), unmarked(m, "leaf", 5)];
    let refused = case.refuses(members).await;
    assert!(refused[0].contains("(node)"), "{refused:?}");
}

#[tokio::test]
async fn rows_that_refer_to_each_other_come_and_go_in_order() {
    let case = Case::new(mapping(false, true), &[]).await;
    let m = &case.mapping;
    // A chain whose keys run the other way, and a row that refers to itself.
    let chain = [[1, 10, 2], [2, 20, 3], [3, 30, 3]];
    let come = chain
        .iter()
        .map(|cells| member(m, "node", cells[0], Some(cells)));
    case.copied(come.collect()).await;
    let go = [3, 1, 2].map(|id| member(m, "node", id, None));
    case.copied(go.to_vec()).await;
}

#[tokio::test]
async fn a_circle_of_rows_is_opened_where_it_may_be_null() {
    let case = Case::new(mapping(false, true), &[]).await;
    let m = &case.mapping;
    let circle = [[1, 10, 2], [2, 20, 3], [3, 30, 1]];
    let come = circle
        .iter()
        .map(|cells| member(m, "node", cells[0], Some(cells)));
    case.copied(come.collect()).await;
    let turned = [[1, 20, 3], [2, 30, 1], [3, 10, 2]];
    let turn = turned
        .iter()
        .map(|cells| member(m, "node", cells[0], Some(cells)));
    case.copied(turn.collect()).await;
    let go = [1, 2, 3].map(|id| member(m, "node", id, None));
    case.copied(go.to_vec()).await;
}

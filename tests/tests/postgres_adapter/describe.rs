//! What the catalog says of tables.

use anyhow::Result;
use dualwrite_core::catalog::{Action, Form, TableInfo};
use dualwrite_core::mapping::Table;
use dualwrite_core::spec::TableName;
use dualwrite_core::value::{Kind, Value};
use dualwrite_engine::store::Store;
use dualwrite_postgres::PostgresStore;

use crate::world::{World, config, int, table, tx, upsert};

const EVERYTHING: &str = "
    CREATE TYPE mood AS ENUM ('sad', 'happy');
    CREATE DOMAIN amount AS numeric(10,2) NOT NULL DEFAULT 0;
    CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    CREATE SCHEMA shop;
    CREATE TABLE shop.parents (id uuid PRIMARY KEY);
    CREATE TABLE shop.everything (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        yes boolean, small smallint, dec amount, exact numeric, real4 real, real8 double precision,
        name varchar(20) NOT NULL DEFAULT 'x', padded char(4), loose text COLLATE loose, raw bytea,
        parent uuid REFERENCES shop.parents ON DELETE CASCADE ON UPDATE SET NULL,
        at timestamptz, local timestamp(3), day date, clock time, doc jsonb, text_doc json, feeling mood,
        list int[], span interval,
        twice smallint GENERATED ALWAYS AS (small * 2) STORED,
        UNIQUE (name, small) INCLUDE (yes));
    CREATE UNIQUE INDEX ON shop.everything (day) WHERE yes;
    CREATE UNIQUE INDEX ON shop.everything (lower(name));
    CREATE FUNCTION shop.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER touch BEFORE UPDATE ON shop.everything FOR EACH ROW EXECUTE FUNCTION shop.f();
    CREATE TRIGGER dualwrite_capture AFTER UPDATE ON shop.everything FOR EACH ROW EXECUTE FUNCTION shop.f();
    CREATE TRIGGER quiet AFTER UPDATE ON shop.everything FOR EACH ROW EXECUTE FUNCTION shop.f();
    ALTER TABLE shop.everything DISABLE TRIGGER quiet;
";

fn kind(info: &TableInfo, column: &str) -> Option<Kind> {
    info.column(column)
        .unwrap_or_else(|| panic!("{column}"))
        .kind
}

#[tokio::test]
async fn columns_have_their_kinds_and_what_cannot_be_carried_a_reason() -> Result<()> {
    let world = World::primary().await?;
    world.run(EVERYTHING).await?;
    let name = TableName::parse("shop.everything")?;
    let catalog = world
        .store
        .describe(&[name.clone(), TableName::bare("absent")])
        .await?;
    assert_eq!(catalog.tables.len(), 1);
    let info = &catalog.tables[0];
    let kinds = [
        ("id", Kind::Int),
        ("yes", Kind::Bool),
        ("dec", Kind::Decimal),
        ("exact", Kind::Decimal),
        ("real4", Kind::Float),
        ("real8", Kind::Float),
        ("name", Kind::Text),
        ("raw", Kind::Bytes),
        ("parent", Kind::Uuid),
        ("at", Kind::Timestamp),
        ("local", Kind::DateTime),
        ("day", Kind::Date),
        ("clock", Kind::Time),
        ("doc", Kind::Json),
        ("text_doc", Kind::Json),
        ("feeling", Kind::Text),
    ];
    for (column, expected) in kinds {
        assert_eq!(kind(info, column), Some(expected), "{column}");
    }
    for column in ["list", "span"] {
        assert_eq!(kind(info, column), None);
        assert!(!info.column(column).unwrap().why.is_empty());
    }
    let marks = |wanted: fn(&dualwrite_core::catalog::ColumnInfo) -> bool| {
        info.columns
            .iter()
            .filter(|column| wanted(column))
            .map(|column| &*column.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(marks(|column| column.collation_unsafe), ["padded", "loose"]);
    assert_eq!(marks(|column| column.generated), ["twice"]);
    assert_eq!(marks(|column| column.has_default), ["id", "dec", "name"]);
    assert_eq!(marks(|column| !column.nullable), ["id", "dec", "name"]);
    assert_eq!(
        info.column("local").unwrap().native,
        "timestamp(3) without time zone"
    );
    Ok(())
}

#[tokio::test]
async fn keys_triggers_and_rules_are_found() -> Result<()> {
    let world = World::primary().await?;
    world.run(EVERYTHING).await?;
    world
        .run("CREATE RULE quiet AS ON DELETE TO shop.parents DO INSTEAD NOTHING")
        .await?;
    let names = [
        TableName::parse("shop.everything")?,
        TableName::parse("shop.parents")?,
    ];
    let catalog = world.store.describe(&names).await?;
    let info = catalog.table(&names[0]).unwrap();
    assert_eq!(info.primary_key, ["id"]);
    assert_eq!(info.uniques, [["name", "small"]]);
    let [foreign] = info.foreign_keys.as_slice() else {
        panic!("{:?}", info.foreign_keys)
    };
    assert_eq!(foreign.references, names[1]);
    assert_eq!(
        (foreign.on_delete, foreign.on_update),
        (Action::Cascade, Action::SetNull)
    );
    assert_eq!(
        (&*foreign.columns[0], &*foreign.referenced_columns[0]),
        ("parent", "id")
    );
    let triggers: Vec<&str> = info.triggers.iter().map(|trigger| &*trigger.name).collect();
    assert_eq!(triggers, ["touch"]);
    assert_eq!(
        catalog.table(&names[1]).unwrap().triggers[0].name,
        "rule quiet"
    );
    Ok(())
}

#[tokio::test]
async fn a_name_without_schema_is_found_by_the_search_path() -> Result<()> {
    let world = World::primary().await?;
    world
        .run(
            "CREATE SCHEMA shop; CREATE TABLE shop.wares (id int PRIMARY KEY);
               ALTER DATABASE cart SET search_path = shop, public",
        )
        .await?;
    let store = dualwrite_postgres::PostgresStore::connect(&crate::world::config(&world.url))?;
    let catalog = store
        .describe(&[TableName::bare("wares"), TableName::bare("items")])
        .await?;
    assert_eq!(catalog.search_path, ["shop", "public"]);
    let schema = |name: &str| {
        catalog
            .table(&TableName::bare(name))
            .and_then(|info| info.name.schema.clone())
    };
    assert_eq!(
        (schema("wares"), schema("items")),
        (Some("shop".into()), Some("public".into()))
    );
    Ok(())
}

/// Texts at the edges of each type, as PostgreSQL has them, in the columns of `edges`.
const EDGES: &[(&str, Kind, &[&str])] = &[
    ("boolean", Kind::Bool, &["true", "false"]),
    (
        "bigint",
        Kind::Int,
        &["-9223372036854775808", "9223372036854775807", "0"],
    ),
    (
        "numeric",
        Kind::Decimal,
        &[
            "-0.000000000000000000001",
            "123456789012345678901234567890.5",
        ],
    ),
    (
        "double precision",
        Kind::Float,
        &["5e-324", "-1.7976931348623157e308", "0.1"],
    ),
    (
        "text",
        Kind::Text,
        &["", "it's \"quoted\" \\ {,} NULL", "é\u{1F600}\n\t"],
    ),
    ("bytea", Kind::Bytes, &["\\x", "\\x00ff5c27"]),
    (
        "uuid",
        Kind::Uuid,
        &[
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
        ],
    ),
    (
        "timestamptz",
        Kind::Timestamp,
        &["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"],
    ),
    (
        "timestamp",
        Kind::DateTime,
        &["1969-12-31T23:59:59.999999", "2026-03-29T02:30:00"],
    ),
    (
        "date",
        Kind::Date,
        &["0001-01-01", "9999-12-31", "2024-02-29"],
    ),
    (
        "time",
        Kind::Time,
        &["00:00:00", "23:59:59.999999", "24:00:00"],
    ),
    (
        "jsonb",
        Kind::Json,
        &[
            "null",
            "{\"a\":[1,2.50,\"\\u00e9\"],\"b\":{}}",
            "123456789012345678901234567890",
        ],
    ),
    ("json", Kind::Json, &["{\"b\":1,\"a\":1e400}"]),
];

#[tokio::test]
async fn every_kind_comes_back_exactly_as_it_was_written() -> Result<()> {
    let world = World::primary().await?;
    let columns: Vec<String> = EDGES
        .iter()
        .enumerate()
        .map(|(place, (native, ..))| format!("c{place} {native}"))
        .collect();
    // Far from UTC and ISO by default: the session's own settings must win.
    world
        .run(&format!(
            "CREATE TABLE edges (id bigint PRIMARY KEY, {});
             ALTER DATABASE cart SET timezone = 'Asia/Kathmandu';
             ALTER DATABASE cart SET datestyle = 'German';
             ALTER DATABASE cart SET bytea_output = 'escape';
             ALTER DATABASE cart SET extra_float_digits = -5",
            columns.join(", ")
        ))
        .await?;
    let store = dualwrite_postgres::PostgresStore::connect(&crate::world::config(&world.url))?;
    let edges = table(&store, "edges", "item").await?;
    for (place, (native, kind, texts)) in EDGES.iter().enumerate() {
        assert_eq!(edges.columns[place + 1].kind, *kind, "{native}");
        for text in *texts {
            let value = Value::from_text(*kind, text)?;
            let row = written(&store, &edges, place + 1, &value).await?;
            assert_eq!(row[place + 1], value, "{native} {text}");
        }
    }
    Ok(())
}

async fn written(
    store: &dyn Store,
    table: &std::sync::Arc<Table>,
    column: usize,
    value: &Value,
) -> Result<Vec<Value>> {
    let mutation = dualwrite_engine::store::Mutation {
        table: table.clone(),
        key: int(1),
        change: upsert(&[(column, value.clone())]),
        must_match: true,
    };
    let mut images = store.write(&tx(vec![mutation])).await?;
    Ok(images.remove(0).row.unwrap())
}

#[tokio::test]
async fn lengths_are_refused_not_cut() -> Result<()> {
    let world = World::primary().await?;
    world
        .run("CREATE TABLE short (id bigint PRIMARY KEY, name varchar(3), code char(3))")
        .await?;
    let short = table(&*world.store, "short", "item").await?;
    let long = written(&*world.store, &short, 1, &Value::Text("abcd".into())).await;
    assert!(long.unwrap_err().to_string().contains("too long"));
    let code = written(&*world.store, &short, 2, &Value::Text("abc".into())).await?;
    assert_eq!(code[2], Value::Text("abc".into()));
    Ok(())
}

#[tokio::test]
async fn relations_are_what_applications_see_and_this_user_may_look_up() -> Result<()> {
    let world = World::primary().await?;
    world
        .run(
            "DROP SCHEMA IF EXISTS s CASCADE; CREATE SCHEMA s; CREATE SCHEMA closed;
             CREATE TABLE closed.t (id int);
             CREATE TABLE s.\"Odd Name\" (id int);
             CREATE TABLE s.parted (id int) PARTITION BY RANGE (id);
             CREATE TABLE s.parted_1 PARTITION OF s.parted FOR VALUES FROM (1) TO (2);
             CREATE TABLE s.secret (id int);
             CREATE VIEW s.looks AS SELECT 1 AS one;
             CREATE MATERIALIZED VIEW s.kept AS SELECT 1 AS one;
             CREATE TEMP TABLE passing (id int);
             CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA s TO reader;
             GRANT SELECT ON s.\"Odd Name\", s.parted, s.looks TO reader;",
        )
        .await?;
    let store = PostgresStore::connect(&config(&world.url.replace("postgres@", "reader@")))?;
    let found = store.relations().await?;
    let told: Vec<(String, Form)> = found
        .into_iter()
        .filter(|relation| relation.name.schema.as_deref() != Some("public"))
        .map(|relation| (relation.name.to_string(), relation.form))
        .collect();
    let expected = [
        ("s.Odd Name", Form::Table),
        ("s.kept", Form::View),
        ("s.looks", Form::View),
        ("s.parted", Form::Table),
        ("s.secret", Form::Unreadable),
    ];
    assert_eq!(told, expected.map(|(name, form)| (name.to_owned(), form)));
    Ok(())
}

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use dualwrite_core::value::Value;
use dualwrite_engine::request::{
    Consistency, ListReply, ListRequest, MutationResult, Outcome, ReadReply, ReadRequest,
    RequestChange, RequestMutation, SettledOutcome, Wait, WriteReply, WriteRequest,
};
use dualwrite_proto::status;
use dualwrite_proto::v1::value::Kind;
use tonic::Code;

use super::*;

/// Answers what it is told to, and remembers what it was asked.
#[derive(Debug, Default)]
struct Script {
    error: Option<DataError>,
    writes: Mutex<Vec<(WriteRequest, Instant)>>,
    reads: Mutex<Vec<ReadRequest>>,
    lists: Mutex<Vec<ListRequest>>,
}

impl Script {
    fn answer<T>(&self, reply: T) -> Result<T, DataError> {
        self.error.clone().map_or(Ok(reply), Err)
    }
}

impl DataPath for Script {
    async fn write(&self, request: WriteRequest, by: Instant) -> Result<WriteReply, DataError> {
        self.writes.lock().unwrap().push((request, by));
        let row = vec![("id".into(), Value::Int(7)), ("note".into(), Value::Null)];
        self.answer(WriteReply {
            results: vec![
                MutationResult {
                    matched: true,
                    row: Some(row),
                },
                MutationResult {
                    matched: false,
                    row: None,
                },
            ],
            legacy: Outcome::Committed,
            new: Outcome::Pending,
            replayed: true,
        })
    }

    async fn read(&self, request: ReadRequest, _: Instant) -> Result<ReadReply, DataError> {
        self.reads.lock().unwrap().push(request);
        self.answer(ReadReply {
            row: None,
            served_by: Side::New,
        })
    }

    async fn list(&self, request: ListRequest, _: Instant) -> Result<ListReply, DataError> {
        self.lists.lock().unwrap().push(request);
        self.answer(ListReply {
            rows: vec![vec![("id".into(), Value::Int(7))]],
            next_page_token: "more".to_owned(),
            served_by: Side::Legacy,
        })
    }

    async fn outcome(&self, _: &str, _: Instant) -> Result<SettledOutcome, DataError> {
        self.answer(SettledOutcome::Aborted)
    }
}

fn ingress(error: Option<DataError>) -> (Arc<Script>, DataIngress<Script>) {
    let script = Arc::new(Script {
        error,
        ..Script::default()
    });
    (Arc::clone(&script), DataIngress::new(script))
}

fn values(fields: &[(&str, Kind)]) -> BTreeMap<String, v1::Value> {
    let value = |kind: &Kind| v1::Value {
        kind: Some(kind.clone()),
    };
    fields
        .iter()
        .map(|(name, kind)| ((*name).to_owned(), value(kind)))
        .collect()
}

fn mutation(kind: Option<v1::mutation::Kind>) -> v1::Mutation {
    v1::Mutation {
        entity: "cart".to_owned(),
        kind,
        must_match: true,
    }
}

fn upsert(fields: &[(&str, Kind)]) -> v1::Mutation {
    let values = values(fields);
    mutation(Some(v1::mutation::Kind::Upsert(v1::Upsert { values })))
}

fn write(mutations: Vec<v1::Mutation>) -> v1::WriteRequest {
    v1::WriteRequest {
        mutations,
        ..v1::WriteRequest::default()
    }
}

#[tokio::test]
async fn a_write_arrives_with_its_types_and_its_answer_goes_back_whole() {
    let (script, ingress) = ingress(None);
    let message = v1::WriteRequest {
        idempotency_key: "r1".to_owned(),
        attempt: 2,
        wait: v1::Wait::Applied.into(),
        ..write(vec![upsert(&[
            ("id", Kind::Integer(7)),
            ("price", Kind::Decimal("1.50".into())),
        ])])
    };
    let reply = ingress
        .write(Request::new(message))
        .await
        .unwrap()
        .into_inner();

    let (asked, _) = script.writes.lock().unwrap().pop().unwrap();
    let price = Value::from_text(dualwrite_core::value::Kind::Decimal, "1.50").unwrap();
    let values = vec![
        ("id".to_owned(), Value::Int(7)),
        ("price".to_owned(), price),
    ];
    let expected = RequestMutation {
        entity: "cart".to_owned(),
        change: RequestChange::Upsert { values },
        must_match: true,
    };
    assert_eq!(asked.mutations, [expected]);
    assert_eq!(asked.idempotency_key.as_deref(), Some("r1"));
    assert_eq!((asked.attempt, asked.wait), (2, Wait::Applied));

    assert_eq!(
        (reply.legacy(), reply.new()),
        (v1::Outcome::Committed, v1::Outcome::Pending)
    );
    assert!(reply.replayed && reply.results[0].matched && !reply.results[1].matched);
    let row = reply.results[0].row.as_ref().unwrap();
    assert_eq!(row.fields["id"].kind, Some(Kind::Integer(7)));
    assert_eq!(row.fields["note"].kind, Some(Kind::Null(true)));
    assert_eq!(reply.results[1].row, None);
}

#[tokio::test]
async fn every_kind_of_mutation_keeps_its_parts_apart() {
    let (script, ingress) = ingress(None);
    let part = |name: &str| values(&[(name, Kind::Integer(1))]);
    let insert = v1::Insert {
        values: part("values"),
    };
    let update = v1::Update {
        key: part("key"),
        set: part("set"),
        increment: part("increment"),
        only_if: part("only_if"),
        at_least: part("at_least"),
    };
    let delete = v1::Delete {
        key: part("key"),
        only_if: part("only_if"),
        at_least: part("at_least"),
    };
    let mutations = vec![
        mutation(Some(v1::mutation::Kind::Insert(insert))),
        mutation(Some(v1::mutation::Kind::Update(update))),
        mutation(Some(v1::mutation::Kind::Delete(delete))),
    ];
    ingress.write(Request::new(write(mutations))).await.unwrap();

    let (asked, _) = script.writes.lock().unwrap().pop().unwrap();
    let part = |name: &str| vec![(name.to_owned(), Value::Int(1))];
    let changes: Vec<_> = asked
        .mutations
        .into_iter()
        .map(|mutation| mutation.change)
        .collect();
    let expected = [
        RequestChange::Insert {
            values: part("values"),
        },
        RequestChange::Update {
            key: part("key"),
            set: part("set"),
            increment: part("increment"),
            only_if: part("only_if"),
            at_least: part("at_least"),
        },
        RequestChange::Delete {
            key: part("key"),
            only_if: part("only_if"),
            at_least: part("at_least"),
        },
    ];
    assert_eq!(changes, expected);
    assert_eq!(asked.idempotency_key, None);
}

#[tokio::test]
async fn what_is_malformed_never_reaches_the_engine_and_is_named() {
    let (script, ingress) = ingress(None);
    let cases = [
        (write(vec![mutation(None)]), "mutations[0]"),
        (
            write(vec![
                upsert(&[("id", Kind::Integer(1))]),
                upsert(&[("price", Kind::Decimal("1,5".into()))]),
            ]),
            "mutations[1].upsert.values.price",
        ),
        (
            v1::WriteRequest {
                wait: 9,
                ..v1::WriteRequest::default()
            },
            "wait",
        ),
    ];
    for (message, path) in cases {
        let status = ingress.write(Request::new(message)).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{path}");
        assert_eq!(status::fields_of(&status)[0].path, path);
    }
    let read = v1::ReadRequest {
        consistency: 9,
        ..v1::ReadRequest::default()
    };
    let status = ingress.read(Request::new(read)).await.unwrap_err();
    assert_eq!(status::fields_of(&status)[0].path, "consistency");
    let list = v1::ListRequest {
        consistency: 9,
        ..v1::ListRequest::default()
    };
    assert!(ingress.list(Request::new(list)).await.is_err());
    assert!(script.writes.lock().unwrap().is_empty() && script.reads.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_read_is_by_session_unless_it_says_otherwise() {
    let (script, ingress) = ingress(None);
    let table = [
        (v1::Consistency::Unspecified, Consistency::Session),
        (v1::Consistency::Session, Consistency::Session),
        (v1::Consistency::Primary, Consistency::Primary),
        (v1::Consistency::Any, Consistency::Any),
    ];
    for (asked, expected) in table {
        let message = v1::ReadRequest {
            entity: "cart".to_owned(),
            key: values(&[("id", Kind::Integer(7))]),
            consistency: asked.into(),
        };
        let reply = ingress
            .read(Request::new(message))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(
            (reply.row.as_ref(), reply.served_by()),
            (None, v1::Side::New)
        );
        let met = script.reads.lock().unwrap().pop().unwrap();
        assert_eq!(met.consistency, expected);
        assert_eq!(met.key, [("id".to_owned(), Value::Int(7))]);
    }
}

#[tokio::test]
async fn a_list_and_an_outcome_come_back() {
    let (script, ingress) = ingress(None);
    let message = v1::ListRequest {
        entity: "cart".to_owned(),
        filter: values(&[("user", Kind::Text("u".into()))]),
        page_size: 10,
        page_token: "t".to_owned(),
        consistency: 0,
    };
    let reply = ingress
        .list(Request::new(message))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (reply.rows.len(), reply.next_page_token.as_str()),
        (1, "more")
    );
    assert_eq!(reply.served_by(), v1::Side::Legacy);
    let met = script.lists.lock().unwrap().pop().unwrap();
    assert_eq!((met.page_size, met.page_token.as_str()), (10, "t"));

    let ask = |key: &str| {
        Request::new(v1::GetOutcomeRequest {
            idempotency_key: key.to_owned(),
        })
    };
    let settled = ingress
        .get_outcome(ask("r1"))
        .await
        .unwrap()
        .into_inner()
        .settled();
    assert_eq!(settled, v1::get_outcome_response::Settled::Aborted);
    let status = ingress.get_outcome(ask("")).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn an_error_of_a_write_with_a_key_names_the_key() {
    let error = DataError::PrimaryUnavailable {
        side: Side::Legacy,
        message: "away".to_owned(),
    };
    let (_, ingress) = ingress(Some(error));
    for key in ["r1", ""] {
        let message = v1::WriteRequest {
            idempotency_key: key.to_owned(),
            ..write(vec![])
        };
        let status = ingress.write(Request::new(message)).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable);
        let named = status::metadata_of(&status).get("idempotency_key").cloned();
        assert_eq!(named.unwrap_or_default(), key);
    }
}

#[tokio::test(start_paused = true)]
async fn the_callers_time_out_reaches_the_engine() {
    let (script, ingress) = ingress(None);
    let mut request = Request::new(write(vec![]));
    request.set_timeout(Duration::from_secs(2));
    ingress.write(request).await.unwrap();
    ingress.write(Request::new(write(vec![]))).await.unwrap();
    let writes = script.writes.lock().unwrap();
    let allowed: Vec<_> = writes.iter().map(|(_, by)| *by - Instant::now()).collect();
    assert_eq!(
        allowed,
        [Duration::from_millis(1980), Duration::from_secs(5)]
    );
}

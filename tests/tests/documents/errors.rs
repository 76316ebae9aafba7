//! `docs/errors.md`: its tables are those of the code and of the contract.

use std::collections::{BTreeMap, BTreeSet};

use dualwrite_proto::status::{Nature, kind_name, reason_name};
use dualwrite_proto::v1::ErrorReason;
use dualwrite_tests::errors_page::{self, code_name, table};
use prost::Message as _;
use prost_types::FileDescriptorSet;

use crate::document::read;

fn unquoted(cell: &str) -> &str {
    cell.trim_matches('`')
}

/// Every reason of the contract.
fn reasons() -> Vec<ErrorReason> {
    let known = (1..=i32::from(u8::MAX)).filter_map(|number| ErrorReason::try_from(number).ok());
    known.collect()
}

#[test]
fn each_reason_stands_there_with_its_nature() {
    let rows = errors_page::promises().unwrap();
    let told: Vec<ErrorReason> = rows.iter().map(|row| row.reason).collect();
    assert_eq!(told, reasons(), "in the order of error.proto");
    for row in rows {
        let nature = Nature::of(row.reason);
        let expected = (kind_name(nature.kind), code_name(nature.code));
        assert_eq!((&*row.kind, row.code), expected, "{:?}", row.reason);
        assert_eq!(row.retry, nature.retryable, "{:?}", row.reason);
    }
}

/// Each call with the reasons that the document names.
fn calls() -> BTreeMap<String, BTreeSet<String>> {
    let rows = table("| call |").unwrap();
    let call = |row: Vec<String>| {
        let named = row[1].split('`').skip(1).step_by(2);
        let reasons = named.map(str::to_owned).collect();
        (unquoted(&row[0]).to_owned(), reasons)
    };
    rows.into_iter().map(call).collect()
}

#[test]
fn each_call_of_the_contract_stands_there_and_no_other() {
    let protos = FileDescriptorSet::decode(dualwrite_proto::FILE_DESCRIPTOR_SET).unwrap();
    let mut expected = BTreeSet::new();
    for service in protos.file.iter().flat_map(|file| &file.service) {
        for method in &service.method {
            expected.insert(format!("{}.{}", service.name(), method.name()));
        }
    }
    let told: BTreeSet<String> = calls().into_keys().collect();
    assert_eq!(told, expected);
}

#[test]
fn the_contract_promises_no_reason_that_the_document_leaves_out() {
    let known: BTreeSet<&str> = reasons().into_iter().map(reason_name).collect();
    let calls = calls();
    let named: BTreeSet<&String> = calls.values().flatten().collect();
    for reason in named {
        assert!(known.contains(reason.as_str()), "{reason} is no reason");
    }
    // Said once for all calls, above the table.
    let everywhere = ["INTERNAL", "STORE_UNAVAILABLE", "DEADLINE", "SHUTTING_DOWN"];
    for (call, promised) in promises() {
        for reason in promised {
            if !known.contains(reason.as_str()) || everywhere.contains(&reason.as_str()) {
                continue; // A gRPC code, or said for all.
            }
            assert!(calls[&call].contains(&reason), "{call} can answer {reason}");
        }
    }
}

/// The words in capitals in the comment above each call of the protos.
fn promises() -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for file in [
        "data_service",
        "local_service",
        "migration_service",
        "sidecar_service",
    ] {
        let text = read(&format!("proto/dualwrite/v1/{file}.proto"));
        let (mut service, mut comment) = (String::new(), String::new());
        for line in text.lines().map(str::trim) {
            if let Some(said) = line.strip_prefix("//") {
                comment.push_str(said);
                continue;
            }
            if let Some(rest) = line.strip_prefix("service ") {
                rest.trim_end_matches(" {").clone_into(&mut service);
            }
            if let Some(rest) = line.strip_prefix("rpc ") {
                let name = rest.split('(').next().unwrap_or_default();
                let errors = comment.split("Errors:").nth(1).unwrap_or_default();
                let words =
                    errors.split(|letter: char| !(letter.is_ascii_uppercase() || letter == '_'));
                let words = words.filter(|word| word.len() > 3).map(str::to_owned);
                found.push((format!("{service}.{name}"), words.collect::<Vec<_>>()));
            }
            comment.clear();
        }
    }
    assert!(found.iter().map(|(_, words)| words.len()).sum::<usize>() > 30);
    found
}

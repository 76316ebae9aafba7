use super::*;

fn revoke() -> Box<Directed> {
    Box::new(Directed::RevokeJob {
        job_id: "j1".into(),
    })
}

/// What is told now, in words.
fn told(outgoing: &mut Outgoing<u64>) -> Vec<String> {
    std::iter::from_fn(|| outgoing.next())
        .map(|tell| match tell {
            Tell::Update(revision) => format!("update {revision}"),
            Tell::Directed(_) => "directed".to_owned(),
            Tell::Heartbeat => "heartbeat".to_owned(),
        })
        .collect()
}

#[test]
fn settings_come_before_what_was_decided_by_them() {
    let mut outgoing = Outgoing::default();
    assert!(!outgoing.is_ready());
    outgoing.beat();
    outgoing.directed(revoke());
    outgoing.update(1, 1);
    assert!(outgoing.is_ready() && !outgoing.has_room());
    assert_eq!(told(&mut outgoing), ["update 1", "directed", "heartbeat"]);
    assert!(!outgoing.is_ready() && outgoing.has_room());
}

#[test]
fn of_settings_that_wait_only_the_newest_is_told() {
    let mut outgoing = Outgoing::default();
    for revision in 1..=100 {
        outgoing.update(revision, revision);
    }
    assert_eq!(told(&mut outgoing), ["update 100"]);
}

#[test]
fn the_next_settings_wait_for_an_answer_to_the_last() {
    let mut outgoing = Outgoing::default();
    outgoing.update(1, 1);
    assert_eq!(told(&mut outgoing), ["update 1"]);
    outgoing.update(2, 2);
    outgoing.update(3, 3);
    assert!(!outgoing.is_ready());
    outgoing.answered(0);
    assert!(
        !outgoing.is_ready(),
        "an answer to an older revision is none"
    );
    outgoing.answered(1);
    assert_eq!(told(&mut outgoing), ["update 3"]);
}

#[test]
fn whoever_does_not_answer_is_told_the_newest_with_each_heartbeat() {
    let mut outgoing = Outgoing::default();
    outgoing.update(1, 1);
    assert_eq!(told(&mut outgoing), ["update 1"]);
    outgoing.update(2, 2);
    outgoing.beat();
    assert_eq!(told(&mut outgoing), ["update 2", "heartbeat"]);
}

#[test]
fn heartbeats_do_not_pile_up() {
    let mut outgoing = Outgoing::default();
    outgoing.beat();
    outgoing.beat();
    assert_eq!(told(&mut outgoing), ["heartbeat"]);
}

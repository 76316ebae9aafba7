//! Golden texts of every view, and the JSON beside them.

mod fixtures;

use insta::{assert_json_snapshot, assert_snapshot};

use self::fixtures as made;
use super::*;
use crate::paint::Paint;
use crate::view::flags::FlagsView;
use crate::view::key_check::KeyCheckView;
use crate::view::phase::PhaseView;
use crate::view::transition::TransitionView;
use dualwrite_proto::v1;

const PLAIN: Paint = Paint::new(false);

#[test]
fn a_list_of_migrations() {
    assert_snapshot!(migrations(&[made::quiet(), made::flipping()], PLAIN));
    assert_snapshot!("no_migrations", migrations(&[], PLAIN));
}

#[test]
fn a_quiet_status() {
    assert_snapshot!(status(&made::quiet(), PLAIN));
    assert_json_snapshot!("a_quiet_status_json", made::quiet());
}

#[test]
fn a_status_during_a_flip() {
    assert_snapshot!(status(&made::flipping(), PLAIN));
}

#[test]
fn a_status_in_colours() {
    assert_snapshot!(status(&made::flipping(), Paint::new(true)).replace('\x1b', "ESC"));
}

#[test]
fn a_live_view_and_its_line() {
    assert_snapshot!(live(&made::look(), PLAIN));
    assert_snapshot!("a_line_for_a_change", summary(&made::look()));
}

#[test]
fn a_phase() {
    assert_snapshot!(phase(&PhaseView::from(made::wire_quiet()), PLAIN));
    assert_json_snapshot!("a_phase_json", PhaseView::from(made::wire_quiet()));
}

#[test]
fn verdicts() {
    assert_snapshot!(
        "a_verdict_that_refuses",
        verdict(&made::verdict(false), PLAIN)
    );
    assert_snapshot!(
        "a_verdict_that_permits",
        verdict(&made::verdict(true), PLAIN)
    );
    assert_json_snapshot!("a_verdict_json", made::verdict(false));
}

#[test]
fn an_aborted_transition() {
    let view = TransitionView::from(v1::Transition {
        state: v1::TransitionState::Aborted.into(),
        outcome: "the drain took longer than 30s".into(),
        forced: true,
        ..made::wire_transition()
    });
    assert_snapshot!(transition(&view, PLAIN));
    assert_json_snapshot!("an_aborted_transition_json", view);
}

#[test]
fn flags_that_are_not_as_they_come_stand_out() {
    let default = FlagsView::from(made::wire_flags(100));
    assert_snapshot!(flags(
        &FlagsView::from(made::wire_flags(200)),
        &default,
        PLAIN
    ));
}

#[test]
fn a_fleet() {
    assert_snapshot!(sidecars(&made::fleet(), PLAIN));
    assert_snapshot!("no_fleet", sidecars(&[], PLAIN));
    assert_json_snapshot!("a_fleet_json", made::fleet());
}

#[test]
fn a_history() {
    assert_snapshot!(events(&made::history(), PLAIN));
    assert_snapshot!("no_history", events(&[], PLAIN));
}

#[test]
fn jobs_and_how_far_they_are() {
    assert_snapshot!("a_list_of_jobs", jobs(&made::jobs(), PLAIN));
    assert_snapshot!("no_jobs", jobs(&[], PLAIN));
    let mut lines = String::new();
    for view in made::jobs() {
        put!(lines, "{}{}\n", job(&view, PLAIN), progress(&view));
    }
    assert_snapshot!("jobs_in_a_sentence", lines);
    assert_json_snapshot!("a_job_json", made::jobs()[0]);
}

#[test]
fn every_verdict_on_a_key() {
    let lines: String = (0..=7)
        .map(|verdict| {
            let columns = if verdict == 5 {
                vec!["price".into(), "note".into()]
            } else {
                vec![]
            };
            let check = v1::KeyCheck {
                entity: "cart".into(),
                verdict,
                columns,
            };
            key_check(&KeyCheckView::new("cart", check), PLAIN)
        })
        .collect();
    assert_snapshot!(lines);
}

#[test]
fn what_became_of_a_manifest() {
    let lines: String = [(true, true), (false, true), (false, false)]
        .into_iter()
        .flat_map(|(created, changed)| {
            [false, true].map(|dry| made::applied(dry, created, changed))
        })
        .map(|view| applied(&view, PLAIN))
        .collect();
    assert_snapshot!(lines);
}

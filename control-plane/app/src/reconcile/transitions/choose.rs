//! Who executes a plan.

use super::desk::Dispatch;
use crate::fleet::LiveSession;
use crate::model::Millis;

/// What is to be done about an executor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    /// One works on it.
    Leave,
    /// Tell this session: it is named first, named anew, or has not been heard.
    Tell { session: String, instance: String },
    /// Nobody can be told now.
    Nobody,
}

/// Chooses an executor: the one that there is while it works; else the one
/// that is stored, when it is connected; else the one that failed longest ago
/// or never. One that says nothing for too long counts as failed.
pub(super) fn choose(
    dispatch: &mut Dispatch,
    live: &[LiveSession],
    stored: Option<&str>,
    aborting: bool,
    steady: Millis,
) -> Choice {
    let alive = |session: &str| live.iter().any(|one| one.session == session);
    dispatch.failed.retain(|session, _| alive(session));
    dispatch.current = dispatch
        .current
        .take()
        .filter(|named| alive(&named.session));
    if dispatch.works(aborting, steady) {
        return Choice::Leave;
    }
    // Quiet: it goes to the end of the queue. Where it is the only one, it is
    // told again, which does no harm.
    if let Some(quiet) = dispatch
        .current
        .take()
        .filter(|named| named.aborting == aborting)
    {
        dispatch
            .failed
            .insert(quiet.session, steady.before(super::desk::REST));
    }
    let rested = live
        .iter()
        .filter(|one| !dispatch.rests(&one.session, steady));
    let best = rested.min_by_key(|one| {
        let failed = dispatch
            .failed
            .get(&one.session)
            .map_or(Millis(0), |at| Millis(at.0 + 1));
        (failed, stored != Some(&*one.instance))
    });
    best.map_or(Choice::Nobody, |one| Choice::Tell {
        session: one.session.clone(),
        instance: one.instance.clone(),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::desk::{Named, QUIET};
    use super::*;

    fn live(names: &[&str]) -> Vec<LiveSession> {
        let one = |name: &&str| LiveSession {
            session: format!("s-{name}"),
            instance: (*name).to_owned(),
            version: String::new(),
            acked: 1,
            nack: None,
            legacy: None,
            new: None,
            fences_at: Millis(0),
        };
        names.iter().map(one).collect()
    }

    fn tell(name: &str) -> Choice {
        Choice::Tell {
            session: format!("s-{name}"),
            instance: name.to_owned(),
        }
    }

    const T0: Millis = Millis(100_000);

    fn named(dispatch: &mut Dispatch, name: &str) {
        let session = format!("s-{name}");
        dispatch.current = Some(Named {
            session,
            aborting: false,
            since: T0,
        });
    }

    #[test]
    fn the_one_that_works_is_left_alone_until_it_is_quiet_or_gone() {
        let mut dispatch = Dispatch::default();
        let both = live(&["a", "b"]);
        assert_eq!(choose(&mut dispatch, &both, None, false, T0), tell("a"));
        named(&mut dispatch, "a");
        let soon = T0.after(Duration::from_secs(4));
        assert_eq!(
            choose(&mut dispatch, &both, Some("a"), false, soon),
            Choice::Leave
        );
        let quiet = T0.after(QUIET);
        assert_eq!(
            choose(&mut dispatch, &both, Some("a"), false, quiet),
            tell("b")
        );
        named(&mut dispatch, "a");
        assert_eq!(
            choose(&mut dispatch, &live(&["b"]), Some("a"), false, soon),
            tell("b")
        );
    }

    #[test]
    fn a_quiet_one_that_is_alone_is_told_again() {
        let mut dispatch = Dispatch::default();
        named(&mut dispatch, "a");
        assert_eq!(
            choose(
                &mut dispatch,
                &live(&["a"]),
                Some("a"),
                false,
                T0.after(QUIET)
            ),
            tell("a")
        );
    }

    #[test]
    fn the_stored_one_is_preferred_after_a_restart() {
        let mut dispatch = Dispatch::default();
        assert_eq!(
            choose(&mut dispatch, &live(&["a", "b"]), Some("b"), false, T0),
            tell("b")
        );
    }

    #[test]
    fn one_that_failed_rests_and_then_comes_last() {
        let mut dispatch = Dispatch::default();
        dispatch.failed.insert("s-a".into(), T0);
        assert_eq!(
            choose(&mut dispatch, &live(&["a"]), None, false, T0),
            Choice::Nobody
        );
        assert_eq!(
            choose(&mut dispatch, &live(&["a", "b"]), Some("a"), false, T0),
            tell("b")
        );
        let rested = T0.after(super::super::desk::REST);
        assert_eq!(
            choose(&mut dispatch, &live(&["a"]), None, false, rested),
            tell("a")
        );
    }

    #[test]
    fn an_executor_is_told_at_once_that_it_is_taken_back() {
        let mut dispatch = Dispatch::default();
        named(&mut dispatch, "b");
        assert_eq!(
            choose(&mut dispatch, &live(&["a", "b"]), Some("b"), true, T0),
            tell("b")
        );
    }
}

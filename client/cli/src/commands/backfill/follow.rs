//! Following a job to its end: a bar on a terminal, lines elsewhere.

use dualwrite_proto::v1;
use indicatif::{ProgressBar, ProgressStyle};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::remote::{Service, given, quick};
use crate::render;
use crate::view::job::{JobView, is_ended};
use crate::waiting::Follow;

/// What a bar shows: the line comes from [`render::progress`].
const BAR: &str = "{spinner} [{bar:30}] {msg}";

/// Follows a job until it ends (or is paused by somebody), prints what became
/// of it, and says how the command ends.
pub(super) async fn follow(
    context: &Context,
    mut service: Service,
    job: v1::Job,
) -> Result<Exit, Failure> {
    let shown = Shown::new(context);
    let mut looks = Follow::open(context, service.clone(), &job.migration).await?;
    let mut last = job;
    loop {
        shown.show(&JobView::from(last.clone()));
        if is_ended(last.state()) || last.state() == v1::JobState::Paused {
            break;
        }
        let look = looks.next().await?;
        last = match look.jobs.into_iter().find(|job| job.id == last.id) {
            Some(job) => job,
            // An ended job may not be looked at any more: ask for it.
            None => asked(&mut service, last.id).await?,
        };
    }
    shown.end();
    let state = last.state();
    let view = JobView::from(last);
    context.output.data(&view, render::job);
    exit_of(state, &view)
}

async fn asked(service: &mut Service, id: String) -> Result<v1::Job, Failure> {
    given(
        service
            .get_job(quick(v1::GetJobRequest { id }))
            .await?
            .into_inner()
            .job,
    )
}

fn exit_of(state: v1::JobState, view: &JobView) -> Result<Exit, Failure> {
    match state {
        v1::JobState::Failed => Err(Failure::failed("the backfill failed")),
        v1::JobState::Cancelled => Err(Failure::failed("the backfill was cancelled")),
        v1::JobState::Paused => Err(Failure::failed("the backfill is paused").hint(format!(
            "`dualwrite backfill resume {}` goes on",
            view.migration
        ))),
        v1::JobState::Done
        | v1::JobState::Unspecified
        | v1::JobState::Planning
        | v1::JobState::Running => Ok(Exit::Done),
    }
}

/// How far the job is, on standard error.
struct Shown<'a> {
    context: &'a Context,
    bar: Option<ProgressBar>,
    last: std::cell::RefCell<String>,
}

impl<'a> Shown<'a> {
    fn new(context: &'a Context) -> Self {
        let bar = context.output.draws_progress().then(|| {
            let style = ProgressStyle::with_template(BAR);
            // The template is ours and right; the default style shows as much.
            ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self {
            context,
            bar,
            last: std::cell::RefCell::default(),
        }
    }

    fn show(&self, job: &JobView) {
        let line = render::progress(job);
        if let Some(bar) = &self.bar {
            bar.set_length(job.rows_total.max(job.rows_done));
            bar.set_position(job.rows_done);
            bar.set_message(line);
        } else if *self.last.borrow() != line {
            self.context.output.note(&line);
            *self.last.borrow_mut() = line;
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_backfill_that_is_done_ends_well() {
        let view = JobView::from(v1::Job {
            migration: "cart".into(),
            ..Default::default()
        });
        assert_eq!(exit_of(v1::JobState::Done, &view), Ok(Exit::Done));
        for state in [
            v1::JobState::Failed,
            v1::JobState::Cancelled,
            v1::JobState::Paused,
        ] {
            let failure = exit_of(state, &view).unwrap_err();
            assert_eq!(failure.exit, Exit::Failed, "{state:?}");
        }
    }
}

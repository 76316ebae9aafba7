//! Jobs: a table of all, one in a sentence, and how far it is.

use super::{tones, words};
use crate::paint::{Paint, Tone, cell, plain};
use crate::view::job::JobView;

/// All jobs, newest first as they come.
pub(crate) fn jobs(jobs: &[JobView], paint: Paint) -> String {
    if jobs.is_empty() {
        return "There are no jobs.\n".to_owned();
    }
    let heading = [
        "JOB",
        "KIND",
        "STATE",
        "ROWS",
        "SHARDS",
        "RATE",
        "SET ASIDE",
        "STARTED",
    ];
    let rows = jobs.iter().map(|job| {
        vec![
            plain(&job.id),
            plain(job.kind),
            cell(tones::state(job.state), job.state),
            plain(rows(job)),
            plain(format!("{}/{}", job.shards_done, job.shards_total)),
            plain(format!("{:.0}/s", job.rows_per_second)),
            cell(
                tones::unless(job.quarantined > 0),
                job.quarantined.to_string(),
            ),
            plain(words::instant(job.create_time.as_ref())),
        ]
    });
    let mut text = paint.table(&heading, rows.collect());
    for job in jobs {
        if let Some(error) = &job.error {
            put!(text, "\n{}: {}\n", job.id, paint.text(Tone::Bad, error));
        }
    }
    text
}

/// One job in a sentence.
pub(crate) fn job(job: &JobView, paint: Paint) -> String {
    let mut text = format!(
        "{} {} of {}: {}, {}",
        job.kind,
        job.id,
        job.migration,
        paint.text(tones::state(job.state), job.state),
        rows(job)
    );
    if job.quarantined > 0 {
        let set_aside = format!("{} set aside", words::count(job.quarantined, "key"));
        put!(text, ", {}", paint.text(Tone::Bad, &set_aside));
    }
    if let Some(error) = &job.error {
        put!(text, ": {error}");
    }
    text.push('\n');
    text
}

/// How far a job is, in one line without colours.
pub(crate) fn progress(job: &JobView) -> String {
    let mut text = format!(
        "{} {}: {}, {} of {} shards, {:.0} rows/s",
        job.kind,
        job.state,
        rows(job),
        job.shards_done,
        job.shards_total,
        job.rows_per_second
    );
    if let Some(left) = seconds_left(job) {
        put!(text, ", about {} left", words::millis(left * 1000));
    }
    text
}

fn rows(job: &JobView) -> String {
    match job.rows_total {
        0 => words::count(job.rows_done, "row"),
        total => format!("{} of about {total} rows", job.rows_done),
    }
}

/// By the rate of the last reports; unknown while it stands still, and once
/// there were more rows than was estimated.
fn seconds_left(job: &JobView) -> Option<u64> {
    let left = job
        .rows_total
        .checked_sub(job.rows_done)
        .filter(|left| *left > 0)?;
    if job.state != "running" || job.rows_per_second < 1.0 {
        return None;
    }
    // Whole rows a second are exact enough for an estimate.
    let rate: u64 = format!("{:.0}", job.rows_per_second).parse().ok()?;
    left.checked_div(rate).map(|seconds| seconds.max(1))
}

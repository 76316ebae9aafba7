//! `docs/errors.md`, as what is promised to callers: what they are told is held against it.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use dualwrite_proto::status::{self, parse_reason};
use dualwrite_proto::v1::ErrorReason;
use tonic::{Code, Status};

/// One row of the table of reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// The reason.
    pub reason: ErrorReason,
    /// `primary`, `secondary`, `validation` or `configuration`.
    pub kind: String,
    /// The gRPC code, as in `INVALID_ARGUMENT`.
    pub code: String,
    /// The status code over HTTP.
    pub http: u16,
    /// Whether the database at fault is said.
    pub side: Said,
    /// Whether a retry can help.
    pub retry: bool,
}

/// Whether something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Each time.
    Always,
    /// Where it applies.
    Sometimes,
    /// Never.
    Never,
}

impl Said {
    /// Whether this occurrence keeps the promise.
    pub const fn allows(self, said: bool) -> bool {
        match self {
            Self::Always => said,
            Self::Sometimes => true,
            Self::Never => !said,
        }
    }
}

/// The cells of each row of the page's table whose head begins with `head`.
pub fn table(head: &str) -> Result<Vec<Vec<String>>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors.md");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let rows = text.lines().skip_while(|line| !line.starts_with(head));
    let rows = rows.skip(2).take_while(|line| line.starts_with('|'));
    let cells = |row: &str| {
        let inner = row.trim().trim_matches('|');
        let cells = inner.split(" | ").map(|cell| cell.trim().to_owned());
        cells.collect()
    };
    Ok(rows.map(cells).collect())
}

/// Every reason that the page promises, in its order.
pub fn promises() -> Result<Vec<Promise>> {
    table("| reason |")?
        .iter()
        .map(|row| promise(row))
        .collect()
}

fn promise(row: &[String]) -> Result<Promise> {
    let [reason, kind, code, http, side, retry, meaning] = row else {
        anyhow::bail!("a row of another form: {row:?}");
    };
    ensure!(!meaning.is_empty(), "{reason} has no meaning");
    let yes = |cell: &str| match cell {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => anyhow::bail!("{reason}: neither yes nor no: `{cell}`"),
    };
    Ok(Promise {
        reason: parse_reason(reason.trim_matches('`')).with_context(|| reason.clone())?,
        kind: kind.clone(),
        code: code.trim_matches('`').to_owned(),
        http: http.parse()?,
        side: match side.as_str() {
            "where known" => Said::Sometimes,
            cell => {
                if yes(cell)? {
                    Said::Always
                } else {
                    Said::Never
                }
            }
        },
        retry: yes(retry)?,
    })
}

/// What is promised for a reason.
pub fn promised(reason: ErrorReason) -> Result<Promise> {
    let found = promises()?.into_iter().find(|one| one.reason == reason);
    found.with_context(|| format!("{reason:?} is not on the page"))
}

/// Checks that a status says all that the page promises for its reason, and nothing else.
pub fn keeps_its_promise(told: &Status) -> Result<ErrorReason> {
    let reason = status::reason_of(told).with_context(|| format!("no reason: {told:?}"))?;
    let promise = promised(reason)?;
    let kind = status::kind_of(told).map(status::kind_name);
    ensure!(kind == Some(&*promise.kind), "{reason:?} is {kind:?}");
    let code = code_name(told.code());
    ensure!(code == promise.code, "{reason:?} has the code {code}");
    let retry = status::is_retryable(told);
    ensure!(retry == promise.retry, "{reason:?}: a retry helps: {retry}");
    let side = status::side_of(told);
    ensure!(
        promise.side.allows(side.is_some()),
        "{reason:?} names the side {side:?}"
    );
    Ok(reason)
}

/// `INVALID_ARGUMENT` for `InvalidArgument`.
pub fn code_name(code: Code) -> String {
    let mut name = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

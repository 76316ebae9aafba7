//! Documents are part of the product: what they say is so, and what they tell
//! a reader to type is typed here.
//!
//! In reading order: `document` and `code` (a page taken apart), `follow` (a page's
//! lines typed in a shell) and `shown` (what was printed against what the page
//! shows); `blocks` (which test runs which block: every block has one), `truth`
//! (the same of commands named in passing), `mentioned`, `paths`, `glossary`; then
//! one module for each page that is followed or held equal to the code.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where something is not as it should be"
)]

mod code;
mod document;
mod follow;
mod shown;

mod run_by;

mod blocks;
mod truth;

mod glossary;
mod installed;
mod mentioned;
mod paths;

mod any_language;
mod configuration;
mod coverage;
mod doctor;
mod errors;
mod errors_told;
mod http;
mod introspect;
mod measurements;
mod operate;
mod quickstart;
mod retire;

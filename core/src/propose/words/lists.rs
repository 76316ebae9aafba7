//! Words that mean what other words mean, or say only how something is counted.
//!
//! The lists are short on purpose, and docs/introspect.md shows them: each
//! entry is a match that somebody has to check.

/// Abbreviations, and what they stand for.
pub(super) const ABBREVIATIONS: [(&str, &str); 33] = [
    ("acct", "account"),
    ("addr", "address"),
    ("amt", "amount"),
    ("cat", "category"),
    ("cnt", "count"),
    ("cust", "customer"),
    ("desc", "description"),
    ("descr", "description"),
    ("fk", "id"),
    ("img", "image"),
    ("lang", "language"),
    ("mail", "email"),
    ("mod", "modified"),
    ("msg", "message"),
    ("nbr", "number"),
    ("no", "id"),
    ("nr", "number"),
    ("num", "number"),
    ("org", "organization"),
    ("passwd", "password"),
    ("pk", "id"),
    ("pos", "position"),
    ("pref", "preference"),
    ("prod", "product"),
    ("pw", "password"),
    ("pwd", "password"),
    ("qty", "quantity"),
    ("ref", "id"),
    ("tel", "phone"),
    ("telephone", "phone"),
    ("usr", "user"),
    ("val", "value"),
    ("yr", "year"),
];

/// Words that say the same, each with the one that stands for both.
pub(super) const SYNONYMS: [(&str, &str); 16] = [
    ("changed", "updated"),
    ("comment", "note"),
    ("enabled", "active"),
    ("full name", "name"),
    ("display name", "name"),
    ("kind", "type"),
    ("label", "name"),
    ("modified", "updated"),
    ("option", "setting"),
    ("postcode", "zip"),
    ("postal code", "zip"),
    ("preference", "setting"),
    ("registered", "created"),
    ("remark", "note"),
    ("status", "state"),
    ("title", "name"),
];

/// Last words that tell a unit of money.
pub(super) const CENTS: [&str; 3] = ["cent", "minor", "penny"];

/// Last words that tell a count of seconds.
pub(super) const SECONDS: [&str; 6] = ["epoch", "sec", "second", "timestamp", "ts", "unix"];

/// Last words that tell a count of milliseconds.
pub(super) const MILLIS: [&str; 4] = ["milli", "millisecond", "ms", "msec"];

/// Last words that tell a time and nothing of its unit.
pub(super) const TIMES: [&str; 5] = ["at", "date", "dt", "on", "time"];

/// Last words that tell what is measured in, and nothing of what is measured.
/// Those that also mean something else (`min`, `g`, `m`) are left out.
pub(super) const MEASURES: [&str; 20] = [
    "byte", "cm", "day", "gb", "gram", "hour", "kb", "kg", "km", "lb", "liter", "litre", "mb",
    "meter", "minute", "ml", "mm", "oz", "pct", "percent",
];

/// Last words that tell the form of a value, and nothing of what it is.
pub(super) const FORMS: [&str; 8] = [
    "address", "code", "id", "name", "number", "string", "text", "value",
];

/// First or last words that tell a yes or no.
pub(super) const TRUTHS: [&str; 3] = ["flag", "has", "is"];

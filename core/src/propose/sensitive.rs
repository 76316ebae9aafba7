//! Which columns hold what should not be seen.

/// Words of names whose values are hashed wherever they leave the sidecar.
const WORDS: [&str; 22] = [
    "address",
    "birth",
    "birthday",
    "card",
    "credential",
    "cvv",
    "dob",
    "email",
    "fax",
    "iban",
    "ip",
    "mobile",
    "otp",
    "passphrase",
    "passport",
    "password",
    "phone",
    "pin",
    "salary",
    "secret",
    "ssn",
    "token",
];

/// The word of a name that says so, if there is one.
pub(super) fn telling(words: &[String]) -> Option<&'static str> {
    WORDS
        .into_iter()
        .find(|known| words.iter().any(|word| word == known))
}

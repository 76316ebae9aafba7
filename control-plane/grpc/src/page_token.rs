//! Page tokens: where a list goes on. Opaque to callers, and good only for the
//! list that gave them.

use dualwrite_control_app::error::InvalidPageToken;

/// Between the list and the place in it; neither contains it.
const SEPARATOR: char = '\n';

/// The token for the rest of `list`; empty when there is none.
pub(crate) fn after(list: &str, place: Option<impl ToString>) -> String {
    place.map_or_else(String::new, |place| {
        hex(&format!("{list}{SEPARATOR}{}", place.to_string()))
    })
}

/// The place in `list` that a token stands for; none for an empty one.
pub(crate) fn place(list: &str, token: &str) -> Result<Option<String>, InvalidPageToken> {
    if token.is_empty() {
        return Ok(None);
    }
    let text = unhex(token).ok_or(InvalidPageToken)?;
    let (of, place) = text.split_once(SEPARATOR).ok_or(InvalidPageToken)?;
    if of == list {
        Ok(Some(place.to_owned()))
    } else {
        Err(InvalidPageToken)
    }
}

fn hex(text: &str) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
    text.bytes()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

fn unhex(token: &str) -> Option<String> {
    let pairs = token.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = pairs
        .map(|pair| (pair.len() == 2).then(|| byte(pair))?)
        .collect();
    String::from_utf8(bytes?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_own_list_only() {
        let token = after("events of cart", Some(41));
        assert_eq!(place("events of cart", &token), Ok(Some("41".to_owned())));
        assert_eq!(place("events of user", &token), Err(InvalidPageToken));
        assert_eq!(place("events of cart", ""), Ok(None));
        assert_eq!(after("migrations", None::<u64>), "");
    }

    #[test]
    fn anything_else_is_refused() {
        for token in ["x", "zz", "+1+1", "4", "4142", "é", "ff0a"] {
            assert_eq!(place("migrations", token), Err(InvalidPageToken), "{token}");
        }
    }
}

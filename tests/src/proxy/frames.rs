//! The messages that a client sends to PostgreSQL, cut out of a stream of bytes.

use std::collections::HashMap;

/// The code of a request for TLS, which the server answers with one byte.
const TLS_REQUEST: u32 = 80_877_103;

/// The length of a message's own length.
const LENGTH: usize = 4;

/// A stream of messages, and the statements that were prepared on it.
#[derive(Debug, Default)]
pub(super) struct Frames {
    bytes: Vec<u8>,
    started: bool,
    prepared: HashMap<Vec<u8>, String>,
}

/// One message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// All of its bytes.
    pub(super) bytes: Vec<u8>,
    /// The statement that it has the server execute.
    pub(super) executes: Option<String>,
}

impl Frames {
    /// Takes in what was read.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole message.
    pub(super) fn next(&mut self) -> Option<Frame> {
        let head = usize::from(self.started);
        let length: [u8; LENGTH] = self.bytes.get(head..head + LENGTH)?.try_into().ok()?;
        let length = usize::try_from(u32::from_be_bytes(length)).ok()?;
        let whole = head + length.max(LENGTH);
        if self.bytes.len() < whole {
            return None;
        }
        let rest = self.bytes.split_off(whole);
        let bytes = std::mem::replace(&mut self.bytes, rest);
        if !self.started {
            let code = bytes.get(LENGTH..2 * LENGTH)?.try_into().ok()?;
            self.started = u32::from_be_bytes(code) != TLS_REQUEST;
            return Some(Frame {
                bytes,
                executes: None,
            });
        }
        let executes = self.executes(&bytes);
        Some(Frame { bytes, executes })
    }

    /// A statement is sent once with `Parse` under a name, and executed by `Bind` with that name;
    /// `Query` is both at once.
    fn executes(&mut self, message: &[u8]) -> Option<String> {
        let body = message.get(1 + LENGTH..)?;
        match message.first()? {
            b'Q' => Some(text(body).0),
            b'P' => {
                let name = body.split(|byte| *byte == 0).next()?.to_vec();
                let (statement, _) = text(body.get(name.len() + 1..)?);
                self.prepared.insert(name, statement);
                None
            }
            b'B' => {
                let (_, portal) = text(body);
                let name = body.get(portal..)?.split(|byte| *byte == 0).next()?;
                self.prepared.get(name).cloned()
            }
            _ => None,
        }
    }
}

/// A text that a zero ends, and where the next one begins.
fn text(bytes: &[u8]) -> (String, usize) {
    let end = bytes.iter().position(|byte| *byte == 0);
    let end = end.unwrap_or(bytes.len());
    let text = bytes.get(..end).unwrap_or_default();
    (String::from_utf8_lossy(text).into_owned(), end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + LENGTH).unwrap();
        let mut bytes = vec![kind];
        bytes.extend(length.to_be_bytes());
        bytes.extend(body);
        bytes
    }

    #[test]
    fn a_prepared_statement_is_known_by_its_name() {
        let mut frames = Frames {
            started: true,
            ..Frames::default()
        };
        let parse = message(b'P', b"s1\0UPDATE fence\0\0\0");
        let bind = message(b'B', b"\0s1\0\0\0\0\0\0\0");
        let all = [parse.clone(), bind.clone()].concat();
        let (first, second) = all.split_at(9);
        frames.feed(first);
        assert_eq!(frames.next(), None);
        frames.feed(second);
        assert_eq!(frames.next().unwrap().bytes, parse);
        let frame = frames.next().unwrap();
        assert_eq!(frame.executes.as_deref(), Some("UPDATE fence"));
        assert_eq!(frame.bytes, bind);
        assert_eq!(frames.next(), None);
    }

    #[test]
    fn a_request_for_tls_comes_before_the_start() {
        let mut frames = Frames::default();
        let code = TLS_REQUEST.to_be_bytes();
        frames.feed(&[&[0, 0, 0, 8][..], &code].concat());
        frames.feed(&[0, 0, 0, 8, 0, 3, 0, 0]);
        frames.feed(&message(b'Q', b"COMMIT\0"));
        assert_eq!(frames.next().unwrap().executes, None);
        assert_eq!(frames.next().unwrap().executes, None);
        assert_eq!(frames.next().unwrap().executes.as_deref(), Some("COMMIT"));
    }
}

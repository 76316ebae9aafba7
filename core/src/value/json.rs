//! JSON in canonical form: keys sorted by their bytes, no spaces, strings with
//! the fewest escapes, numbers exactly as they were written (`1.0` stays
//! `1.0`: it is not ours to say that it is `1`). Of a repeated key the last
//! one counts, as engines do.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::text::{malformed, out_of_range};
use super::{Kind, ValueError};

/// Nesting that is read: a bound on the stack, far above real documents.
const MAX_DEPTH: usize = 512;

/// The canonical form of a JSON text.
pub(super) fn canonical(text: &str) -> Result<String, ValueError> {
    let mut reader = Reader { text, at: 0 };
    let mut out = String::with_capacity(text.len());
    reader.skip_spaces();
    reader.value(&mut out, 0)?;
    reader.skip_spaces();
    if reader.at == text.len() {
        Ok(out)
    } else {
        Err(refused())
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn value(&mut self, out: &mut String, depth: usize) -> Result<(), ValueError> {
        if depth > MAX_DEPTH {
            return Err(out_of_range(Kind::Json, "at most 512 levels of nesting"));
        }
        match self.peek() {
            Some(b'{') => self.object(out, depth),
            Some(b'[') => self.array(out, depth),
            Some(b'"') => {
                let text = self.string()?;
                write_string(out, &text);
                Ok(())
            }
            Some(b'-' | b'0'..=b'9') => self.number(out),
            Some(_) => self.word(out),
            None => Err(refused()),
        }
    }

    fn object(&mut self, out: &mut String, depth: usize) -> Result<(), ValueError> {
        let mut members = BTreeMap::new();
        self.list(b'}', |reader| {
            let key = reader.string()?;
            reader.skip_spaces();
            reader.expect(b':')?;
            reader.skip_spaces();
            let mut value = String::new();
            reader.value(&mut value, depth + 1)?;
            members.insert(key, value);
            Ok(())
        })?;
        out.push('{');
        for (index, (key, value)) in members.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            write_string(out, key);
            out.push(':');
            out.push_str(value);
        }
        out.push('}');
        Ok(())
    }

    fn array(&mut self, out: &mut String, depth: usize) -> Result<(), ValueError> {
        let mut first = true;
        out.push('[');
        self.list(b']', |reader| {
            if !std::mem::take(&mut first) {
                out.push(',');
            }
            reader.value(out, depth + 1)
        })?;
        out.push(']');
        Ok(())
    }

    /// The members between an opening byte and `close`, separated by commas.
    fn list(
        &mut self,
        close: u8,
        mut member: impl FnMut(&mut Self) -> Result<(), ValueError>,
    ) -> Result<(), ValueError> {
        self.at += 1;
        self.skip_spaces();
        if self.take(close) {
            return Ok(());
        }
        loop {
            member(self)?;
            self.skip_spaces();
            if self.take(close) {
                return Ok(());
            }
            self.expect(b',')?;
            self.skip_spaces();
        }
    }

    fn string(&mut self) -> Result<String, ValueError> {
        self.expect(b'"')?;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest
                .find(|c: char| c == '"' || c == '\\' || c < ' ')
                .ok_or_else(refused)?;
            out.push_str(&rest[..plain]);
            self.at += plain;
            if self.take(b'"') {
                return Ok(out);
            }
            self.expect(b'\\')?;
            out.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Result<char, ValueError> {
        let letter = self.peek().ok_or_else(refused)?;
        self.at += 1;
        Ok(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(refused()),
        })
    }

    fn unicode(&mut self) -> Result<char, ValueError> {
        let first = self.four_digits()?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first).ok_or_else(refused);
        }
        self.expect(b'\\')?;
        self.expect(b'u')?;
        let second = self.four_digits()?;
        if !(0xDC00..0xE000).contains(&second) {
            return Err(refused());
        }
        char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00)).ok_or_else(refused)
    }

    fn four_digits(&mut self) -> Result<u32, ValueError> {
        let digits = self.text.get(self.at..self.at + 4).ok_or_else(refused)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(refused());
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| refused())
    }

    fn number(&mut self, out: &mut String) -> Result<(), ValueError> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _signed = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        out.push_str(&self.text[start..self.at]);
        Ok(())
    }

    fn digits(&mut self) -> Result<(), ValueError> {
        let rest = &self.text.as_bytes()[self.at..];
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count > 0 { Ok(()) } else { Err(refused()) }
    }

    fn word(&mut self, out: &mut String) -> Result<(), ValueError> {
        let rest = &self.text[self.at..];
        let word = ["true", "false", "null"]
            .into_iter()
            .find(|word| rest.starts_with(word))
            .ok_or_else(refused)?;
        self.at += word.len();
        out.push_str(word);
        Ok(())
    }

    fn skip_spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), ValueError> {
        if self.take(byte) {
            Ok(())
        } else {
            Err(refused())
        }
    }
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => {
                // Writing into a String cannot fail.
                let _written = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

const fn refused() -> ValueError {
    malformed(Kind::Json, "one JSON document")
}

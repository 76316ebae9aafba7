//! Colours, where they are wanted, and text in columns.

/// What a piece of text says beyond its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing more.
    Plain,
    /// All is well.
    Good,
    /// Worth a look.
    Warn,
    /// Something is wrong.
    Bad,
    /// A heading.
    Strong,
    /// Of lesser importance.
    Dim,
}

impl Tone {
    /// The parameter of the terminal's escape sequence.
    const fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Good => Some("32"),
            Self::Warn => Some("33"),
            Self::Bad => Some("31"),
            Self::Strong => Some("1"),
            Self::Dim => Some("2"),
        }
    }
}

/// Paints text, or leaves it alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    color: bool,
}

/// Text with its tone.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
}

impl Paint {
    pub(crate) const fn new(color: bool) -> Self {
        Self { color }
    }

    /// Text in its tone.
    pub(crate) fn text(self, tone: Tone, text: &str) -> String {
        match tone.code().filter(|_| self.color) {
            Some(code) => format!("\x1b[{code}m{text}\x1b[0m"),
            None => text.to_owned(),
        }
    }

    /// Rows under a heading, in columns two spaces apart.
    pub(crate) fn table(self, heading: &[&str], rows: Vec<Vec<Cell>>) -> String {
        let heading = heading.iter().map(|name| cell(Tone::Dim, *name)).collect();
        self.columns([vec![heading], rows].concat())
    }

    /// Rows without a heading.
    pub(crate) fn columns(self, rows: Vec<Vec<Cell>>) -> String {
        let mut widths: Vec<usize> = Vec::new();
        for row in &rows {
            widths.resize(widths.len().max(row.len()), 0);
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.text.chars().count());
            }
        }
        rows.into_iter()
            .map(|row| self.line(&row, &widths))
            .collect()
    }

    fn line(self, row: &[Cell], widths: &[usize]) -> String {
        let end = row
            .iter()
            .rposition(|cell| !cell.text.is_empty())
            .map_or(0, |last| last + 1);
        let mut line = String::new();
        for (index, (cell, width)) in row[..end].iter().zip(widths).enumerate() {
            line.push_str(&self.text(cell.tone, &cell.text));
            if index + 1 < end {
                let gap = width + 2 - cell.text.chars().count();
                line.push_str(&" ".repeat(gap));
            }
        }
        line.push('\n');
        line
    }
}

/// Text with a tone.
pub(crate) fn cell(tone: Tone, text: impl Into<String>) -> Cell {
    Cell {
        text: text.into(),
        tone,
    }
}

/// Text that says no more than its words.
pub(crate) fn plain(text: impl Into<String>) -> Cell {
    cell(Tone::Plain, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_lines_end_with_text() {
        let rows = vec![
            vec![plain("a"), plain("1"), plain("")],
            vec![plain("longer"), cell(Tone::Bad, "x"), plain("end")],
        ];
        let text = Paint::new(false).table(&["NAME", "N", "NOTE"], rows);
        assert_eq!(text, "NAME    N  NOTE\na       1\nlonger  x  end\n");
    }

    #[test]
    fn colours_do_not_count_as_width() {
        let rows = vec![vec![cell(Tone::Good, "ab"), plain("c")]];
        assert_eq!(Paint::new(true).columns(rows), "\x1b[32mab\x1b[0m  c\n");
    }
}

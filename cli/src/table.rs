//! Tables for people: aligned columns that fit the terminal.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::failure::Failure;
use crate::output::{Output, Style};

const GAP: &str = "  ";
/// No column is made narrower than this.
const NARROWEST: usize = 6;
const CUT: char = '…';

/// What happens to a cell that is too long for its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Excess {
    /// It stays whole: the column is as wide as it has to be.
    Whole,
    /// It is cut.
    Cut,
    /// It goes on below.
    Wrap,
}

#[derive(Debug)]
pub struct Column {
    heading: &'static str,
    right: bool,
    excess: Excess,
}

impl Column {
    const fn new(heading: &'static str, right: bool, excess: Excess) -> Self {
        Self { heading, right, excess }
    }

    pub const fn left(heading: &'static str) -> Self {
        Self::new(heading, false, Excess::Whole)
    }

    pub const fn right(heading: &'static str) -> Self {
        Self::new(heading, true, Excess::Whole)
    }

    pub const fn cut(heading: &'static str) -> Self {
        Self::new(heading, false, Excess::Cut)
    }

    pub const fn wrap(heading: &'static str) -> Self {
        Self::new(heading, false, Excess::Wrap)
    }
}

/// Columns and their widths. Rows are written as they come.
#[derive(Debug)]
pub struct Table {
    columns: Vec<Column>,
    widths: Vec<usize>,
    limited: bool,
}

impl Table {
    /// Columns as wide as `rows` need, and together no wider than `limit`, where there is one.
    pub fn fitting(columns: Vec<Column>, rows: &[Vec<String>], limit: Option<usize>) -> Self {
        let widest = |(index, column): (usize, &Column)| {
            let cells = rows.iter().map(|row| row[index].width());
            cells.chain([column.heading.width()]).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = columns.iter().enumerate().map(widest).collect();
        let gaps = GAP.len() * columns.len().saturating_sub(1);
        let mut excess = limit.map_or(0, |limit| (widths.iter().sum::<usize>() + gaps).saturating_sub(limit));
        while excess > 0 {
            let flexible = (0..columns.len()).filter(|index| columns[*index].excess != Excess::Whole);
            let Some(widest) = flexible.filter(|index| widths[*index] > NARROWEST).max_by_key(|index| widths[*index]) else {
                break;
            };
            widths[widest] -= 1;
            excess -= 1;
        }
        Self { columns, widths, limited: limit.is_some() }
    }

    /// Writes the headings and the rows.
    pub fn write(&self, rows: &[Vec<String>], output: &mut Output) -> Result<(), Failure> {
        self.write_headings(output)?;
        self.write_rows(rows, output)
    }

    pub fn write_headings(&self, output: &mut Output) -> Result<(), Failure> {
        let headings: Vec<String> = self.columns.iter().map(|column| column.heading.to_owned()).collect();
        let lines = self.lines(&headings).into_iter().map(|line| output.styled(Style::Heading, &line)).collect::<Vec<_>>();
        lines.iter().try_for_each(|line| output.line(line))
    }

    pub fn write_rows(&self, rows: &[Vec<String>], output: &mut Output) -> Result<(), Failure> {
        rows.iter().flat_map(|row| self.lines(row)).try_for_each(|line| output.line(&line))
    }

    /// The lines that a row takes.
    fn lines(&self, row: &[String]) -> Vec<String> {
        let pieces: Vec<Vec<String>> = row.iter().enumerate().map(|(index, cell)| self.pieces(index, cell)).collect();
        let height = pieces.iter().map(Vec::len).max().unwrap_or(0);
        let line = |number: usize| {
            let cells =
                pieces.iter().enumerate().map(|(index, pieces)| self.pad(index, pieces.get(number).map_or("", String::as_str)));
            cells.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
        };
        (0..height).map(line).collect()
    }

    /// The cell, cut or broken into lines where it is too long.
    fn pieces(&self, index: usize, cell: &str) -> Vec<String> {
        let width = self.widths[index];
        match self.columns[index].excess {
            Excess::Cut if self.limited => vec![cut(cell, width)],
            Excess::Wrap if self.limited => wrap(cell, width),
            _ => vec![cell.to_owned()],
        }
    }

    fn pad(&self, index: usize, text: &str) -> String {
        let padding = " ".repeat(self.widths[index].saturating_sub(text.width()));
        if self.columns[index].right { format!("{padding}{text}") } else { format!("{text}{padding}") }
    }
}

/// At most `width` columns of the text.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used > width {
            break;
        }
        kept.push(character);
    }
    kept.push(CUT);
    kept
}

/// The text in lines of at most `width` columns; a longer word gets a line of its own.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_ascii_whitespace() {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(limit: Option<usize>, columns: Vec<Column>, rows: &[&[&str]]) -> Vec<String> {
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect();
        let table = Table::fitting(columns, &rows, limit);
        rows.iter().flat_map(|row| table.lines(row)).collect()
    }

    #[test]
    fn columns_are_aligned_whatever_the_script() {
        let rows: &[&[&str]] = &[&["1", "Sales", "x"], &["1234", "销售", "y"]];
        let columns = || vec![Column::right("N"), Column::cut("SKILL"), Column::left("Z")];
        assert_eq!(lines(None, columns(), rows), ["   1  Sales  x", "1234  销售   y"]);
    }

    #[test]
    fn the_widest_flexible_column_gives_way_first() {
        let rows: &[&[&str]] = &[&["abcdefghijklmnopqrst", "abcdefgh", "1"], &["销售销售销售销售", "b", "2"]];
        let columns = || vec![Column::cut("A"), Column::cut("B"), Column::right("NUMBER")];
        let fitted = lines(Some(30), columns(), rows);
        assert_eq!(fitted, ["abcdefghijk…  abcdefgh       1", "销售销售销…   b              2"]);
        assert!(fitted.iter().all(|line| line.width() == 30));
        assert_eq!(lines(None, columns(), rows)[0], "abcdefghijklmnopqrst  abcdefgh       1", "a pipe gets everything");
    }

    #[test]
    fn a_cell_may_go_on_below() {
        let rows: &[&[&str]] = &[&["api", "a reason of several words"]];
        let columns = || vec![Column::left("API"), Column::wrap("REASON")];
        assert_eq!(lines(Some(17), columns(), rows), ["api  a reason of", "     several", "     words"]);
    }
}

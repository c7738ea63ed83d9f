//! Plain text tables: columns padded to their widest cell, numbers to the right.
//!
//! Widths count wide East Asian characters as two, since names and answers hold them.

/// How a column is laid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// Lays out rows under a head; each row has as many cells as the head.
pub fn table(head: &[(&str, Align)], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = head.iter().map(|(name, _)| width(name)).collect();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            widths[column] = widths[column].max(width(cell));
        }
    }
    let names: Vec<String> = head.iter().map(|(name, _)| (*name).to_owned()).collect();
    let aligns: Vec<Align> = head.iter().map(|(_, align)| *align).collect();
    std::iter::once(&names)
        .chain(rows)
        .map(|row| line(row, &widths, &aligns))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A text in which nothing steers a terminal: control characters but line feeds, and those that turn the
/// direction of writing, are replaced. Whatever a command prints for people goes through here.
pub fn harmless(text: &str) -> String {
    let steers = |c: char| (c.is_control() && c != '\n') || is_bidi(c);
    text.replace(steers, "\u{fffd}")
}

/// At most `most` columns of a text on one line, with an ellipsis where it was cut; nothing in it steers a
/// terminal.
pub fn short(text: &str, most: usize) -> String {
    let one_line: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    let clean = harmless(&one_line);
    if width(&clean) <= most {
        return clean;
    }
    let mut cut = String::new();
    for c in clean.chars() {
        if width(&cut) + char_width(c) + 1 > most {
            break;
        }
        cut.push(c);
    }
    cut.push('…');
    cut
}

fn line(row: &[String], widths: &[usize], aligns: &[Align]) -> String {
    let cells: Vec<String> = row
        .iter()
        .zip(widths)
        .zip(aligns)
        .map(|((cell, wide), align)| {
            let blank = " ".repeat(wide - width(cell));
            match align {
                Align::Left => format!("{cell}{blank}"),
                Align::Right => format!("{blank}{cell}"),
            }
        })
        .collect();
    cells.join("  ").trim_end().to_owned()
}

fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// 2 for the blocks that terminals draw wide, 0 for combining marks, else 1.
const fn char_width(c: char) -> usize {
    match c as u32 {
        0x0300..=0x036f | 0x200b..=0x200d => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Characters that reorder the text around them.
pub const fn is_bidi(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_padded_to_their_widest_cell() {
        let rows = vec![
            vec!["火星".to_owned(), "2".to_owned()],
            vec!["Earth".to_owned(), "10".to_owned()],
        ];
        let text = table(&[("planet", Align::Left), ("moons", Align::Right)], &rows);
        assert_eq!(text, "planet  moons\n火星        2\nEarth      10");
    }

    #[test]
    fn nothing_that_steers_a_terminal_is_left_and_lines_are() {
        let hostile = "a\u{1b}[2Jb\r\nc\u{202e}d\u{9b}K\te\n";
        let left = "a\u{fffd}[2Jb\u{fffd}\nc\u{fffd}d\u{fffd}K\u{fffd}e\n";
        assert_eq!(harmless(hostile), left);
        assert_eq!(harmless("火星, naïve\n"), "火星, naïve\n");
    }

    #[test]
    fn foreign_text_is_cut_and_cleaned() {
        assert_eq!(short("abcdef", 4), "abc…");
        assert_eq!(short("a\u{1b}[2Jb\nc", 20), "a\u{fffd}[2Jb c");
        assert_eq!(short("火星火星", 5), "火星…");
        assert_eq!(short("a\u{202e}b", 9), "a\u{fffd}b");
    }
}

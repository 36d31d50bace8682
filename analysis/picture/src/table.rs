//! Rows of commands and answers as a block of text.
//!
//! Never: places the block.

use crate::{
    measure::{code, prose, wrapped},
    scene::{Answer, Kind, Row},
};

/// The size of its letters.
pub(crate) const SIZE: f64 = 12.5;
/// From line to line.
pub(crate) const LINE: f64 = 18.0;
/// Between two rows, in addition.
const BETWEEN: f64 = 4.0;
/// Between the columns.
const GUTTER: f64 = 16.0;

/// What happens without a command.
pub(crate) const ENTERING: &str = "on entering";

/// How the names of commands are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// As commands.
    Commands,
    /// As prose.
    Prose,
}

/// A block of rows.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Lines of names: where the line begins, its base line, and its words.
    pub(crate) names: Vec<(f64, f64, String)>,
    /// Answers: where each begins, its base line, and what it is.
    pub(crate) answers: Vec<(f64, f64, Answer)>,
    /// How names are set.
    pub(crate) prose: bool,
}

/// How an answer is written.
pub(crate) fn written(answer: &Answer) -> String {
    match answer.kind {
        Kind::Closed if answer.code.is_empty() => "■".into(),
        Kind::Closed => format!("{} ■", answer.code),
        Kind::Secure if answer.code.is_empty() => "TLS".into(),
        Kind::Secure => format!("{} TLS", answer.code),
        Kind::Midway => format!("{} …", answer.code),
        Kind::Done | Kind::Refused => answer.code.clone(),
    }
}

/// Sets rows; names are no wider than `most`, and an answer's line no longer than `codes` characters.
pub(crate) fn table(rows: &[Row], names: Names, most: f64, codes: usize) -> Table {
    let width = |text: &str| if names == Names::Prose { prose(text, SIZE) } else { code(text, SIZE) };
    let set: Vec<(Vec<String>, Vec<Vec<&Answer>>)> = rows
        .iter()
        .map(|row| {
            // A command of several words stays in one line.
            let whole: Vec<String> = row.commands.iter().map(|name| named(name).replace(' ', "\u{a0}")).collect();
            let lines = wrapped(&whole.join(", "), most, width);
            (lines.iter().map(|line| line.replace('\u{a0}', " ")).collect(), in_lines(&row.answers, codes))
        })
        .collect();
    let column = set.iter().flat_map(|(lines, _)| lines).map(|line| width(line)).fold(0.0, f64::max);
    let has_answers = set.iter().any(|(_, answers)| !answers.is_empty());
    let second = if has_answers && column > 0.0 { column + GUTTER } else { column };
    let mut table = Table { prose: names == Names::Prose, width: column, ..Table::default() };
    for (row, (lines, answers)) in set.iter().enumerate() {
        if row > 0 {
            table.height += BETWEEN;
        }
        for (n, line) in lines.iter().enumerate() {
            table.names.push((0.0, table.height + LINE * n as f64 + LINE - 5.0, line.clone()));
        }
        for (n, line) in answers.iter().enumerate() {
            let mut x = second;
            for answer in line {
                table.answers.push((x, table.height + LINE * n as f64 + LINE - 5.0, (*answer).clone()));
                x += code(&written(answer), SIZE) + code(" ", SIZE);
            }
            table.width = table.width.max(x - code(" ", SIZE));
        }
        table.height += LINE * lines.len().max(answers.len()) as f64;
    }
    table
}

/// What a command is called; entering a state has no name of its own.
pub(crate) fn named(name: &str) -> &str {
    if name.is_empty() { ENTERING } else { name }
}

/// Answers in lines of so many characters. Those without a code say nothing, unless they end or secure the session.
fn in_lines(answers: &[Answer], codes: usize) -> Vec<Vec<&Answer>> {
    let (mut lines, mut length): (Vec<Vec<&Answer>>, usize) = (Vec::new(), 0);
    for answer in answers.iter().filter(|answer| !written(answer).is_empty()) {
        let long = written(answer).chars().count();
        match lines.last_mut() {
            Some(line) if length + 1 + long <= codes => {
                line.push(answer);
                length += 1 + long;
            }
            _ => {
                lines.push(vec![answer]);
                length = long;
            }
        }
    }
    lines
}

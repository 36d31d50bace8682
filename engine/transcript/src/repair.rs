//! The smallest repair of an answer that is no longer what a transcript says.
//!
//! Only `S:` lines of the failed answer are rewritten. A wildcard or capture stays where the rest of its line still
//! leads to it; lines that still match stay as they are.
//!
//! Never: touches what a client says, a mark, `S!`, `given` or `then`.

use crate::{
    pattern::{Bindings, Kind, Part, Pattern},
    play::Answer,
    script::{Act, Step, Transcript},
};

/// What changing one octet of a literal costs: leaving one out is dearer than taking one in, so that a wildcard does not
/// swallow what the author wrote down.
const INSERTED: u32 = 2;
const DELETED: u32 = 3;
const CHANGED: u32 = 3;
/// What it costs to lose a wildcard, a capture or computed octets.
const LOST: u32 = 1000;
/// What it costs to lose or to add a whole line: more than any change within lines that are alike.
const LINE: u32 = 100_000;

/// The text of the transcript with the failed answer rewritten, or nothing when that would change nothing.
pub fn repair(text: &str, transcript: &Transcript, answer: &Answer) -> Option<String> {
    let steps = &transcript.steps[answer.steps.0..answer.steps.1];
    let edits = align(steps, answer);
    let mut repaired = String::with_capacity(text.len());
    let mut copied = 0;
    for edit in edits {
        match edit {
            Edit::Keep => {}
            Edit::Replace(step, pattern) => {
                let span = step.span;
                repaired.push_str(&text[copied..span.start as usize]);
                repaired.push_str(&line(answer, &pattern));
                copied = span.end as usize;
            }
            Edit::Remove(step) => {
                let start = text[..step.span.start as usize].rfind('\n').map_or(0, |at| at + 1);
                let end =
                    text[step.span.end as usize..].find('\n').map_or(text.len(), |at| step.span.end as usize + at + 1);
                repaired.push_str(&text[copied..start]);
                copied = end;
            }
            Edit::Insert { behind, pattern } => {
                // Behind a step's own line; an answer always has a step in front of it or is in front of its own first.
                let at = behind.map_or(steps[0].span.start as usize, |step| {
                    let end = step.span.end as usize;
                    text[end..].find('\n').map_or(text.len(), |at| end + at + 1)
                });
                let at = at.max(copied);
                repaired.push_str(&text[copied..at]);
                if !repaired.is_empty() && !repaired.ends_with('\n') {
                    repaired.push('\n');
                }
                repaired.push_str(&line(answer, &pattern));
                repaired.push('\n');
                copied = at;
            }
        }
    }
    repaired.push_str(&text[copied..]);
    (repaired != text).then_some(repaired)
}

fn line(answer: &Answer, pattern: &Pattern) -> String {
    let written = pattern.written();
    let blank = if written.is_empty() { "" } else { " " };
    format!("S{}:{blank}{written}", answer.client.suffix())
}

enum Edit<'a> {
    Keep,
    Replace(&'a Step, Pattern),
    Remove(&'a Step),
    Insert { behind: Option<&'a Step>, pattern: Pattern },
}

/// Pairs expectations with lines at the least cost. `S: ...` takes any number of lines for nothing.
fn align<'a>(steps: &'a [Step], answer: &Answer) -> Vec<Edit<'a>> {
    let wanted: Vec<&Step> = steps.iter().filter(|step| matches!(step.act, Act::Expect(_) | Act::Rest)).collect();
    let lines = &answer.lines;
    let (rows, columns) = (wanted.len() + 1, lines.len() + 1);
    let mut costs = vec![vec![u32::MAX; columns]; rows];
    let pairs: Vec<Vec<(u32, Pattern)>> = wanted
        .iter()
        .map(|step| match &step.act {
            Act::Expect(pattern) => lines.iter().map(|line| mended(pattern, line, &answer.bindings)).collect(),
            _ => Vec::new(),
        })
        .collect();
    // From the end, so that the way can be read forwards.
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            let mut best = if row + 1 == rows && column + 1 == columns { 0 } else { u32::MAX };
            for (cost, down, right) in ways(&wanted, &pairs, row, column, lines.len()) {
                best = best.min(costs[row + down][column + right].saturating_add(cost));
            }
            costs[row][column] = best;
        }
    }
    let (mut row, mut column, mut edits) = (0, 0, Vec::new());
    let mut behind: Option<&Step> = None;
    while row + 1 < rows || column + 1 < columns {
        let here = costs[row][column];
        let way = ways(&wanted, &pairs, row, column, lines.len())
            .into_iter()
            .find(|(cost, down, right)| costs[row + down][column + right].saturating_add(*cost) == here);
        let Some((cost, down, right)) = way else { break };
        match (down, right) {
            (1, 1) if cost > 0 => edits.push(Edit::Replace(wanted[row], pairs[row][column].1.clone())),
            (1, 0) if cost > 0 => edits.push(Edit::Remove(wanted[row])),
            (0, 1) if cost > 0 => {
                let pattern = Pattern { parts: vec![Part::Literal(lines[column].clone())] };
                edits.push(Edit::Insert { behind, pattern });
            }
            _ => edits.push(Edit::Keep),
        }
        if down == 1 {
            behind = Some(wanted[row]);
        }
        (row, column) = (row + down, column + right);
    }
    edits
}

/// The ways on from a place: cost, expectations used up, lines used up.
fn ways(
    wanted: &[&Step],
    pairs: &[Vec<(u32, Pattern)>],
    row: usize,
    column: usize,
    lines: usize,
) -> Vec<(u32, usize, usize)> {
    let mut ways = Vec::with_capacity(3);
    let step = wanted.get(row);
    let rest = step.is_some_and(|step| matches!(step.act, Act::Rest));
    if rest {
        ways.push((0, 1, 0));
        if column < lines {
            ways.push((0, 0, 1));
        }
        return ways;
    }
    if let Some((cost, _)) = pairs.get(row).and_then(|pairs| pairs.get(column)) {
        ways.push((*cost, 1, 1));
    }
    if step.is_some() {
        ways.push((LINE, 1, 0));
    }
    if column < lines {
        ways.push((LINE, 0, 1));
    }
    ways
}

/// The pattern changed so that it matches the line, and what that costs; nothing when it matches already.
pub(crate) fn mended(pattern: &Pattern, line: &[u8], bindings: &Bindings) -> (u32, Pattern) {
    if pattern.matches(line, bindings).is_some() {
        return (0, pattern.clone());
    }
    let atoms = atoms(pattern, bindings);
    let (rows, columns) = (atoms.len() + 1, line.len() + 1);
    // costs[i][p]: of making the atoms from the i-th on match the line from octet p on.
    let mut costs = vec![vec![u32::MAX; columns]; rows];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            let mut best = if row + 1 == rows && column + 1 == columns { 0 } else { u32::MAX };
            moves(&atoms, line, row, column, &mut |cost, down, right| {
                best = best.min(costs[row + down][column + right].saturating_add(cost));
            });
            costs[row][column] = best;
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut parts: Vec<Part> = Vec::new();
    while row + 1 < rows || column + 1 < columns {
        let here = costs[row][column];
        let mut way = None;
        moves(&atoms, line, row, column, &mut |cost, down, right| {
            if way.is_none() && costs[row + down][column + right].saturating_add(cost) == here {
                way = Some((cost, down, right));
            }
        });
        let Some((cost, down, right)) = way else { break };
        let kept = atoms.get(row).filter(|atom| down == 1 && cost < DELETED && !matches!(atom, Atom::Octet(_)));
        match kept {
            Some(Atom::Wild(part) | Atom::Fixed(part, _)) => parts.push((*part).clone()),
            _ => push_literal(&mut parts, &line[column..column + right]),
        }
        (row, column) = (row + down, column + right);
    }
    (costs[0][0].min(LINE * 2 - 1), Pattern { parts })
}

enum Atom<'a> {
    Octet(u8),
    /// Octets that stay together: computed ones, or what a name is bound to.
    Fixed(&'a Part, Vec<u8>),
    Wild(&'a Part),
}

fn atoms<'a>(pattern: &'a Pattern, bindings: &Bindings) -> Vec<Atom<'a>> {
    let mut atoms = Vec::new();
    for part in &pattern.parts {
        match part {
            Part::Literal(octets) => atoms.extend(octets.iter().map(|octet| Atom::Octet(*octet))),
            Part::Computed { octets, .. } => atoms.push(Atom::Fixed(part, octets.clone())),
            Part::Bound(name) => atoms.push(Atom::Fixed(part, bindings.get(name).cloned().unwrap_or_default())),
            Part::Any | Part::Bind(..) => atoms.push(Atom::Wild(part)),
        }
    }
    atoms
}

/// The ways on from an atom and an octet: cost, atoms used up, octets used up. What keeps more comes first.
fn moves(atoms: &[Atom<'_>], line: &[u8], row: usize, column: usize, way: &mut dyn FnMut(u32, usize, usize)) {
    let octet = line.get(column);
    match atoms.get(row) {
        Some(Atom::Octet(wanted)) => {
            if let Some(octet) = octet {
                way(if octet == wanted { 0 } else { CHANGED }, 1, 1);
            }
            way(DELETED, 1, 0);
        }
        Some(Atom::Fixed(_, octets)) => {
            if line[column..].starts_with(octets) {
                way(0, 1, octets.len());
            }
            way(LOST, 1, 0);
        }
        Some(Atom::Wild(part)) => {
            let kind = if let Part::Bind(_, kind) = part { *kind } else { Kind::Text };
            let run = line[column..].iter().take_while(|octet| kind.takes(**octet)).count();
            // A word or number is kept only where it stood: behind the same octet.
            let before = row.checked_sub(1).map(|row| &atoms[row]);
            let moved = matches!(before, Some(Atom::Octet(before)) if column.checked_sub(1).is_none_or(|at| line[at] != *before));
            let run = if moved && kind != Kind::Text { 0 } else { run };
            for length in usize::from(!kind.may_be_empty())..=run {
                way(0, 1, length);
            }
            way(LOST, 1, 0);
        }
        None => {}
    }
    if octet.is_some() {
        way(INSERTED, 0, 1);
    }
}

fn push_literal(parts: &mut Vec<Part>, octets: &[u8]) {
    match parts.last_mut() {
        _ if octets.is_empty() => {}
        Some(Part::Literal(last)) => last.extend_from_slice(octets),
        _ => parts.push(Part::Literal(octets.to_vec())),
    }
}

#[cfg(test)]
mod tests {
    use diagnostic::Sources;

    use super::*;
    use crate::script::Client;

    fn check(before: &str, lines: &[&str], after: &str) {
        let head = "transcript \"a\" for p\nC: X\n";
        let text = format!("{head}{before}# remark\nC: Y\n");
        let mut sources = Sources::default();
        let file = sources.add("t.talk", text.as_str());
        let (transcript, found) = crate::parse(&sources, file);
        let transcript = transcript.unwrap_or_else(|| panic!("{found:?}"));
        let behind = transcript.steps.len() - 1;
        let lines = lines.iter().map(|line| line.as_bytes().to_vec()).collect();
        let answer = Answer { steps: (1, behind), client: Client::FIRST, lines, bindings: Bindings::new() };
        let repaired = repair(&text, &transcript, &answer).unwrap_or(text);
        assert_eq!(repaired, format!("{head}{after}# remark\nC: Y\n"));
    }

    #[test]
    fn only_what_no_longer_matches_is_rewritten() {
        check("S: 250 2.1.0 <*>\n", &["250 2.1.5 Recipient ok"], "S: 250 2.1.5 <*>\n");
        check("S: 250 Stored as <?id: word>\n", &["250 Kept as m1"], "S: 250 Kept as <?id: word>\n");
        check("S: 250 <?n: number> left\n", &["250 none left"], "S: 250 none left\n");
        check("S: 250-a\nS: 250-<*>\nS: 250 c\n", &["250-a", "250-b", "250 d"], "S: 250-a\nS: 250-<*>\nS: 250 d\n");
        check("S: 250-a\nS: ...\nS: 250 c\n", &["250-a", "250-x", "250-y", "250 d"], "S: 250-a\nS: ...\nS: 250 d\n");
        check("S: 334 <=base64 \"User:\">\n", &["335 VXNlcjo="], "S: 335 <=base64 \"User:\">\n");
    }

    #[test]
    fn lines_that_came_or_stayed_away_are_added_and_removed() {
        check("S: 250-a\nS: 250 c\n", &["250-a", "250-b", "250 c"], "S: 250-a\nS: 250-b\nS: 250 c\n");
        check("S: 250-a\nS: 250-b\nS: 250 c\n", &["250-a", "250 c"], "S: 250-a\nS: 250 c\n");
        check("S: 250 c\n", &["250-<*b", "250 c"], "S: 250-<<*b\nS: 250 c\n");
    }

    #[test]
    fn what_matches_stays_to_the_octet() {
        check("S:  250 <*>\n", &[" 250 x"], "S:  250 <*>\n");
    }
}

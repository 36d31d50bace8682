//! What real peers stumble over, told where a protocol walks into it. Which peers there are, and of which protocols, is
//! data; known here are the shapes alone.
//!
//! Never: more than a note.

use std::collections::HashSet;

use diagnostic::{Diagnostic, FileId, Rule, Sources};
use program::{Op, Pc, Piece, Program, Reply, Saying};

use super::proved::span;
use crate::{rules::peers, tree};

/// A row a line: shape, protocols, peer, what happens.
const TABLE: &str = include_str!("../../../data/peers.txt");

/// One row.
struct Row<'t> {
    /// The shape that a protocol has, and what belongs to it.
    shape: (&'t str, &'t str),
    protocols: &'t str,
    peer: &'t str,
    happens: &'t str,
}

/// Where a protocol has a shape: the instruction, or none for the protocol as a whole.
type Place = Option<Option<Pc>>;

/// The notes on a program, each shape once.
pub(super) fn notes(program: &Program, tree: &tree::File, texts: (&Sources, &[FileId])) -> Vec<Diagnostic> {
    let stem =
        |name: &str| name.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or_default().to_owned();
    let mut names: Vec<String> = program.sources.iter().map(|source| stem(&source.name)).collect();
    names.push(program.name.to_string());
    let mut notes: Vec<Diagnostic> = Vec::new();
    for Row { shape, protocols, peer, happens } in rows() {
        if !protocols.split_whitespace().any(|protocol| names.iter().any(|name| name == protocol)) {
            continue;
        }
        let Some((rule, place)) = shape_of(program, shape) else { continue };
        let Some(at) = place else { continue };
        let header = tree.header.as_ref().map(|header| header.span).unwrap_or_default();
        let origin = at.and_then(|pc| program.origins.get(pc.0 as usize));
        let place = origin.map_or(header, |origin| span(texts, *origin));
        match notes.iter_mut().find(|note| std::ptr::eq(note.rule, rule) && note.span == place) {
            Some(note) => note.help.push(format!("{peer}: {happens}")),
            None => notes.push(Diagnostic::new(rule, place, format!("{peer}: {happens}"))),
        }
    }
    notes
}

fn rows() -> impl Iterator<Item = Row<'static>> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut fields = line.split(" | ").map(str::trim);
        let shape = fields.next()?;
        let shape = shape.split_once(' ').unwrap_or((shape, ""));
        Some(Row { shape, protocols: fields.next()?, peer: fields.next()?, happens: fields.next()? })
    })
}

/// The rule of a shape, and where the program has it; none where there is no such shape.
fn shape_of(program: &Program, (shape, what): (&str, &str)) -> Option<(&'static Rule, Place)> {
    let greeting = || program.states.get(usize::from(program.start.0)).and_then(|state| state.enter);
    let some = |found: Option<Pc>| found.map(Some);
    Some(match shape {
        "greeting_of_lines" => (&peers::GREETING_OF_LINES, some(greeting().and_then(|entry| of_lines(program, entry)))),
        "bare_answer" => (&peers::BARE_ANSWER, some(answer(program, is_bare))),
        "differing_codes" => (&peers::DIFFERING_CODES, some(differing(program))),
        "answer_of_lines" => {
            let most: usize = what.parse().ok()?;
            (&peers::ANSWER_OF_LINES, some(answer(program, |reply| reply.lines.len() >= most)))
        }
        "digits_alone" => (&peers::DIGITS_ALONE, some(answer(program, |reply| behind_sign(reply, is_number)))),
        "blank_behind_sign" => (
            &peers::BLANK_BEHIND_SIGN,
            some(answer(program, |reply| behind_sign(reply, |value| value.starts_with(' ')))),
        ),
        "closes" => (&peers::CLOSES, some(closes(program))),
        "lacks" => {
            let knows = program.verbs.iter().any(|verb| verb.text.eq_ignore_ascii_case(what));
            (&peers::LACKS, (!knows).then_some(None))
        }
        _ => return None,
    })
}

/// What an instruction says to the peer.
fn said(program: &Program, pc: Pc) -> Option<&Reply> {
    let said = program.code.get(pc.0 as usize)?.said()?;
    let is_said = matches!(said.how, Saying::Before | Saying::Answer);
    program.replies.get(said.reply.0 as usize).filter(|_| is_said)
}

/// Where a body goes on.
fn behind(program: &Program, at: Pc) -> impl Iterator<Item = Pc> {
    program.code.get(at.0 as usize).into_iter().flat_map(move |op| op.onward(at))
}

/// The instructions of a body, the nearest first.
fn within(program: &Program, entry: Pc) -> Vec<Pc> {
    let (mut found, mut seen, mut next) = (vec![entry], HashSet::from([entry]), 0);
    while let Some(at) = found.get(next).copied() {
        next += 1;
        found.extend(behind(program, at).filter(|pc| seen.insert(*pc)));
    }
    found
}

/// Where a body says more than one line.
fn of_lines(program: &Program, entry: Pc) -> Option<Pc> {
    let (mut open, mut seen) = (vec![(entry, false)], HashSet::new());
    while let Some((at, spoken)) = open.pop() {
        if !seen.insert((at, spoken)) {
            continue;
        }
        let reply = said(program, at);
        if reply.is_some_and(|reply| spoken || reply.lines.len() > 1) {
            return Some(at);
        }
        open.extend(behind(program, at).map(|pc| (pc, spoken || reply.is_some())));
    }
    None
}

/// The first answer of a command that is of some kind.
fn answer(program: &Program, is: impl Fn(&Reply) -> bool) -> Option<Pc> {
    let places = (0..program.code.len()).map(|place| Pc(place as u32));
    places.filter(|pc| said(program, *pc).is_some_and(&is)).min_by_key(|pc| program.origins.get(pc.0 as usize).copied())
}

fn is_bare(reply: &Reply) -> bool {
    let Some(status) = &reply.status else { return false };
    let bare = |text: &str| text.trim() == &**status;
    reply.lines.iter().any(|line| matches!(&line.last[..], [Piece::Literal(text)] if bare(text)))
}

fn is_number(value: &str) -> bool {
    let value = value.trim_end();
    !value.is_empty() && value.bytes().all(|octet| octet.is_ascii_digit())
}

/// Whether what stands behind the first = of a line that is all literal, or up to its first value, is of some kind.
fn behind_sign(reply: &Reply, is: impl Fn(&str) -> bool) -> bool {
    reply.lines.iter().any(|line| {
        let Some(Piece::Literal(text)) = line.last.first() else { return false };
        let Some((_, value)) = text.split_once('=') else { return false };
        let whole = line.last.len() == 1 || value.starts_with(' ');
        whole && is(value)
    })
}

/// Where a line has another code than a line before it in the same body.
fn differing(program: &Program) -> Option<Pc> {
    program.handlers.iter().map(|handler| handler.entry).find_map(|entry| {
        let (mut open, mut seen) = (vec![(entry, None)], HashSet::new());
        while let Some((at, before)) = open.pop() {
            if !seen.insert((at, before)) {
                continue;
            }
            let mut code = before;
            if let Some(reply) = said(program, at) {
                let status = reply.status.as_deref();
                if before.is_some() && status.is_some() && status != before {
                    return Some(at);
                }
                code = status.filter(|status| goes_on(reply, status));
            }
            open.extend(behind(program, at).map(|pc| (pc, code)));
        }
        None
    })
}

/// Whether a line says that another one follows: a hyphen behind its code.
fn goes_on(reply: &Reply, status: &str) -> bool {
    reply.lines.iter().all(|line| {
        let Some(Piece::Literal(text)) = line.last.first() else { return false };
        text.strip_prefix(status).is_some_and(|behind| behind.starts_with('-'))
    })
}

/// Where the session ends behind an answer, if it does so behind the answer to each command of the first state.
fn closes(program: &Program) -> Option<Pc> {
    let handlers = program.handlers.iter().filter(|handler| handler.state == program.start);
    let ends = handlers.map(|handler| {
        let answers = |pc: &Pc| said(program, *pc).is_some_and(|reply| !reply.refusal);
        let closes = |pc: &Pc| matches!(program.code.get(pc.0 as usize + 1), Some(Op::Close));
        within(program, handler.entry).into_iter().find(|pc| answers(pc) && closes(pc))
    });
    ends.collect::<Option<Vec<Pc>>>()?.into_iter().min_by_key(|pc| program.origins.get(pc.0 as usize).copied())
}

#[cfg(test)]
mod tests {
    use super::{TABLE, rows, shape_of};

    #[test]
    fn every_row_is_read() {
        let written = TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count();
        assert_eq!(rows().count(), written);
    }

    #[test]
    fn every_row_is_on_the_page() {
        let page = include_str!("../../../docs/peers.md");
        for row in rows() {
            assert!(page.contains(row.peer) && page.contains(row.happens), "{}: {}", row.peer, row.happens);
        }
    }

    #[test]
    fn every_shape_is_known() {
        let mut sources = diagnostic::Sources::default();
        let text = "protocol p version 1
wire { lines crlf at most 100 octets  reply \"{text}\" }
start state a { on \"X\" -> \"y\" close }
unexpected { out of order -> \"a\"  bad arguments -> \"b\"  unknown command -> \"c\" }
limits { line -> \"d\"  idle 1 minute -> \"e\" close  session 1 hours -> \"f\" close  shutdown -> \"g\" close  full -> \"h\" close  broken -> \"i\" close }";
        let file = sources.add("p.proto.dsl", text);
        let (program, findings) = crate::compile(&sources, file, &[]);
        let program = program.unwrap_or_else(|| panic!("{findings:?}"));
        for row in rows().filter(|row| row.shape.0 != "-") {
            assert!(shape_of(&program, row.shape).is_some(), "{:?}", row.shape);
        }
    }
}

//! What `proof` found out of the promises, told where they stand.
//!
//! Never: proves; passes over a promise that could not be decided.

use diagnostic::{Diagnostic, FileId, Sources, Span};
use program::{HandlerId, Origin, Program, ReplyId};
use proof::{Choice, Event, Step, Verdict, Way};

use crate::{rules, tree};

/// The texts, and which of them each number of a file in the program means.
type Texts<'a> = (&'a Sources, &'a [FileId]);

/// The findings of the promises of a program that is otherwise in order, which learns of which sessions they are proved.
pub(super) fn promises(program: &mut Program, tree: &tree::File, texts: Texts) -> Vec<Diagnostic> {
    let defs = tree.items.iter().filter_map(|item| match item {
        tree::Item::Promise(def) => Some(def),
        _ => None,
    });
    if program.promises.is_empty() {
        return Vec::new();
    }
    let proof = proof::prove(program);
    program.reload.covers = proof.covers;
    let mut findings = Vec::new();
    for (def, verdict) in defs.zip(proof.verdicts) {
        let said = &def.text.text;
        let finding = match &verdict {
            Verdict::Kept => continue,
            Verdict::Broken(_) => {
                Diagnostic::new(&rules::promises::BROKEN, def.text.span, format!("`{said}` can be broken"))
            }
            Verdict::Undecided(_) => {
                Diagnostic::new(&rules::promises::UNDECIDED, def.text.span, format!("`{said}` cannot be decided"))
            }
        };
        findings.push(match verdict {
            Verdict::Broken(way) => {
                told(finding, program, &way, texts).help("guard it with the words of the promise, or mend the promise")
            }
            Verdict::Undecided(Some(way)) => told(finding, program, &way, texts)
                .help("whether this way is there hangs on values: guard it with the words of the promise"),
            _ => finding.help("there are more ways than are looked at: make the file smaller, or the promise narrower"),
        });
    }
    findings
}

fn told(finding: Diagnostic, program: &Program, way: &Way, texts: Texts) -> Diagnostic {
    let finding = match way.site.and_then(|pc| program.origins.get(pc.0 as usize)) {
        Some(origin) => finding.other(span(texts, *origin), "this happens, and nothing keeps the promise"),
        None => finding,
    };
    finding.conversation(conversation(program, way))
}

/// The line of an instruction, from its first character.
pub(super) fn span((sources, files): Texts, origin: Origin) -> Span {
    let file = files.get(usize::from(origin.file)).copied().unwrap_or_default();
    let text = sources.text(file);
    let line = text.split_inclusive('\n').take(origin.line.saturating_sub(1) as usize).map(str::len).sum::<usize>();
    let rest = &text[line..];
    let column = rest.char_indices().nth(origin.column.saturating_sub(1) as usize).map_or(0, |(at, _)| at);
    let length = rest[column..].split('\n').next().unwrap_or_default().trim_end().len();
    Span { file, start: (line + column) as u32, end: (line + column + length) as u32 }
}

/// A way as a conversation, as far as it can be told without values.
fn conversation(program: &Program, way: &Way) -> Vec<String> {
    let mut lines = Vec::new();
    if way.tls_first {
        lines.push("--- tls".to_owned());
    }
    for step in &way.steps {
        lines.extend(happens(program, step));
        for choice in &step.choices {
            lines.extend(chosen(program, choice));
        }
        lines.extend(step.replies.iter().map(|reply| format!("S: {}", answer(program, *reply))));
    }
    lines
}

fn happens(program: &Program, step: &Step) -> Option<String> {
    let usage = |handler: HandlerId| &program.handlers[handler.0 as usize].usage;
    Some(match step.event {
        Event::Start => return None,
        Event::Line(handler) => format!("C: {}", usage(handler)),
        Event::TooBig(handler) => format!("C: {}  (with more octets than are accepted)", usage(handler)),
        Event::NotKept(handler) => format!("C: {}  (with octets that cannot be kept)", usage(handler)),
        Event::OutOfOrder => "C: a command that is out of order".into(),
        Event::BadArguments => "C: a command with bad arguments".into(),
        Event::UnknownCommand => "C: an unknown command".into(),
        Event::Foreign => "C: a line of another protocol".into(),
        Event::JumpedQueue(handler) => format!("C: {}  (with more behind it)", usage(handler)),
        Event::TooLong => "C: a line that is too long".into(),
        Event::Idle => "(silence)".into(),
        Event::Over => "(the session's time is over)".into(),
        Event::Shutdown => "(the server ends)".into(),
        Event::Full => "(there is no room)".into(),
        Event::Broken => "(a fault of ours)".into(),
        Event::Early => "C: something before the greeting".into(),
        Event::Left => "(the peer hangs up)".into(),
    })
}

fn chosen(program: &Program, choice: &Choice) -> Option<String> {
    Some(match choice {
        Choice::Outcome { pc, name, outcome } => {
            let outcomes = program.code.get(pc.0 as usize)?.outcomes();
            format!("({name} answers {})", outcomes.get(*outcome)?)
        }
        Choice::Secured(_) => "--- tls".into(),
        Choice::Cancelled(_) => format!("C: {}", program.wire.cancel.as_deref()?),
        Choice::BadAnswer(_) => "C: what was not asked for".into(),
        Choice::Received(_, 1) => "(too much of it)".into(),
        Choice::Received(_, 2) => "(it cannot be kept)".into(),
        Choice::Cut(_, Event::TooLong) => "C: a line that is too long".into(),
        Choice::Cut(_, Event::Idle) => "(silence)".into(),
        Choice::Cut(_, Event::Broken) => "(a fault of ours)".into(),
        Choice::Cut(_, Event::Left) => "(the peer hangs up)".into(),
        Choice::Counted(counter) => {
            format!("(too many {})", program.counters.get(usize::from(counter.0))?.name)
        }
        Choice::Full(_) => "(there is no room for it)".into(),
        _ => return None,
    })
}

fn answer(program: &Program, reply: ReplyId) -> String {
    let reply = program.replies.get(reply.0 as usize);
    let status = reply.and_then(|reply| reply.status.as_deref());
    format!("{} …", status.unwrap_or_default()).trim_start().to_owned()
}

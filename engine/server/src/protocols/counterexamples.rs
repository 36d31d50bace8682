//! How findings come about: for each that is about what a protocol does, the shortest conversation that shows it.
//!
//! Never: shows one that was not played against that very draft.

use std::sync::Arc;

use diagnostic::{FileId, Sources, Span};
use grammar::Compiled;
use machine::Service;
use program::{Origin, Program};
use transcript::{Transcript, check, parse, play::Played};

use crate::simulation::world::memory_of;

/// How often drafts of one file are played.
const PLAYS: usize = 3_000;
/// How many instructions are made ready for that all together: a large file is played less often.
const INSTRUCTIONS: usize = 6_000_000;
/// The most findings of one file that are shown so.
const MOST: usize = 20;

/// Gives findings their conversations.
pub fn add(compiled: &mut Compiled, sources: &Sources) {
    let Some(draft) = compiled.draft.take().map(Arc::new) else { return };
    let mut play = stage(draft.clone());
    let mut left = PLAYS.min(INSTRUCTIONS / draft.code.len().max(1));
    let mut stage = |text: &str| {
        left = usize::checked_sub(left, 1)?;
        play(text)
    };
    for finding in compiled.findings.iter_mut().take(MOST) {
        let origin = |span: Span| {
            let file = compiled.files.iter().position(|file| *file == span.file)?;
            let (line, column) = sources.position(span);
            Some(Origin { file: file as u16, line, column })
        };
        let spans = std::iter::once(finding.span).chain(finding.others.iter().map(|(span, _)| *span));
        let origins: Vec<Origin> = spans.filter_map(origin).collect();
        let text = &sources.text(finding.span.file)[finding.span.start as usize..finding.span.end as usize];
        if let Some(talk) = witness::show(&draft, finding, (&origins, text), &mut stage) {
            finding.conversation = talk.lines().map(str::to_owned).collect();
        }
    }
}

/// Plays transcripts of one program in memory.
pub fn stage(program: Arc<Program>) -> impl FnMut(&str) -> Option<Played> {
    on(program, memory_of)
}

/// Plays transcripts of one program in some way.
pub fn on(
    program: Arc<Program>,
    mut play: impl FnMut(&Transcript, &Arc<Service>) -> Played,
) -> impl FnMut(&str) -> Option<Played> {
    move |text: &str| {
        let mut sources = Sources::default();
        let file: FileId = sources.add("trial.talk", text);
        let transcript = parse(&sources, file).0?;
        let service = check(&transcript, &program).ok()?;
        Some(play(&transcript, &Arc::new(service)))
    }
}

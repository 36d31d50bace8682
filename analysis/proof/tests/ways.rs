//! The reader of programs, held against compiled ones: what begins a body, and where bodies go on.
//!
//! Never: knows a protocol; what is shipped is taken as it stands.

#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]
#![allow(clippy::disallowed_methods, reason = "a test reads its samples")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use diagnostic::Sources;
use program::{Entry, Op, Pc, Program, Saying, StateId, To, difference};

const FILE: &str = "protocol sample version 1
wire { lines crlf at most 200 octets  reply \"{code} {text}\"  refusal 5xx  cancel \"*\" }
start state a { on \"ASK\" { let x = prompt 334 \"Say\" for word  reply 250 \"{x}\"  stay }  on \"QUIT\" -> 221 \"Bye\" close }
unexpected {
    out of order -> 503 \"Not now\"  bad arguments -> 501 \"How?\"  unknown command -> 500 \"What?\"
    cancelled -> 501 \"Well\"  bad answer -> 502 \"What was that?\"
}
limits {
    line -> 500 \"Long\"  idle 5 minutes -> 421 \"Idle\" close  session 1 hour -> 421 \"Enough\" close
    shutdown -> 421 \"Bye\" close  full -> 421 \"Full\" close  broken -> 421 \"Broken\" close
}
";

struct Beside(PathBuf);

impl grammar::Folder for Beside {
    fn text(&self, name: &str) -> Result<Option<(String, String)>, String> {
        Ok(fs::read_to_string(self.0.join(name)).ok().map(|text| (name.to_owned(), text)))
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

fn compiled(name: &str, text: String) -> Program {
    let mut sources = Sources::default();
    let file = sources.add(name, text);
    let folder = Beside(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../protocols"));
    let compiled = grammar::compile_in(&mut sources, file, &folder, actions::signatures());
    compiled.program.unwrap_or_else(|| panic!("{name}: {:?}", compiled.findings))
}

fn shipped() -> Vec<Program> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../protocols");
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let programs: Vec<Program> = files
        .filter(|name| name.ends_with(".proto.dsl"))
        .map(|name| compiled(&name, fs::read_to_string(folder.join(&name)).unwrap()))
        .collect();
    assert!(programs.len() > 4);
    programs
}

/// The codes of an answer where a line was put for another.
fn changed(from: &str, to: &str) -> Vec<String> {
    assert!(FILE.contains(from));
    difference(&compiled("old", FILE.to_owned()), &compiled("new", FILE.replace(from, to)))
}

#[test]
fn every_instruction_is_come_to_from_what_begins_a_body() {
    for program in shipped() {
        let (mut seen, mut open) = (BTreeSet::new(), program.entries().map(|(_, at)| at).collect::<Vec<Pc>>());
        while let Some(at) = open.pop() {
            let op = program.code.get(at.0 as usize).filter(|_| seen.insert(at));
            open.extend(op.into_iter().flat_map(|op| op.onward(at)));
        }
        let unseen: Vec<Pc> = (0..program.code.len() as u32).map(Pc).filter(|at| !seen.contains(at)).collect();
        assert!(unseen.is_empty(), "{}: {unseen:?}", program.name);
    }
}

#[test]
fn what_the_file_has_no_words_for_is_answered_by_the_next_plainer_thing() {
    let mut draft = compiled("sample", FILE.to_owned());
    let unexpected = &draft.unexpected;
    let (bad_answer, bad_arguments) = (unexpected.bad_answer, Some(unexpected.bad_arguments));
    assert_eq!(draft.entry(Entry::Cancelled), unexpected.cancelled);
    assert!(draft.outside().any(|(entry, at)| entry == Entry::BadAnswer && Some(at) == bad_answer));
    draft.unexpected.cancelled = None;
    assert_eq!(draft.entry(Entry::Cancelled), bad_answer);
    draft.unexpected.bad_answer = None;
    assert_eq!([draft.entry(Entry::Cancelled), draft.entry(Entry::BadAnswer)], [bad_arguments; 2]);
    assert!(draft.outside().all(|(entry, _)| entry != Entry::Cancelled && entry != Entry::BadAnswer));
    assert_eq!([draft.entry(Entry::Early), draft.entry(Entry::JumpedQueue)], [None, None]);
}

#[test]
fn what_is_answered_instead_of_a_prompt_belongs_to_the_command() {
    let found = changed("cancelled -> 501", "cancelled -> 504");
    assert_eq!(found, ["in \"a\", `ASK`: 250 or 501 or 502 → 250 or 502 or 504"]);
}

#[test]
fn behind_a_prompt_stands_all_that_may_run_instead_of_an_answer() {
    let program = compiled("sample", FILE.to_owned());
    let is_prompt = |op: &Op| op.said().is_some_and(|said| said.how == Saying::Question);
    let at = Pc(program.code.iter().position(is_prompt).unwrap() as u32);
    let limits = &program.limits;
    let (cancelled, bad) = (program.unexpected.cancelled.unwrap(), program.unexpected.bad_answer.unwrap());
    let behind: Vec<Pc> = program.behind(at).collect();
    assert_eq!(behind, [Pc(at.0 + 1), cancelled, bad, limits.line, limits.idle.code]);
}

#[test]
fn behind_a_transition_stands_what_the_state_does_on_being_entered() {
    let program = compiled(
        "sample",
        FILE.replace("250 \"{x}\"  stay", "250 \"{x}\"  goto b")
            + "state b { enter { log info \"here\"  stay }  on \"BACK\" -> 250 \"Back\" goto a }",
    );
    let enter = program.states.iter().find_map(|state| state.enter);
    let goes = |at: &u32| program.code[*at as usize].exits(Pc(*at)).iter().any(|exit| exit.to == To::State(StateId(1)));
    let at = (0..program.code.len() as u32).find(goes).unwrap();
    assert_eq!(program.behind(Pc(at)).collect::<Vec<_>>(), enter.into_iter().collect::<Vec<_>>());
    assert!(enter.is_some());
}

//! One seed: a program, what the checker says, and a few conversations with it.
//!
//! Never: catches what takes for ever; the supervisor does.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use nix::time::{ClockId, clock_gettime};
use program::Program;
use server::transcripts::sockets::Stage;

use crate::{
    check::{self, Checked},
    compare::{Fault, converse, said},
    converse::Script,
    drive::{Reckoned, memory::Programs},
    generate::{self, Source},
};

/// How many conversations a program is tried with.
pub const CONVERSATIONS: u64 = 16;
/// How long a check may take, of the processor: how busy the machine is besides is no fault of the file.
const PATIENT: Duration = Duration::from_secs(5);

/// What came of some seeds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Programs that were generated.
    pub generated: u64,
    /// Programs that the checker took.
    pub accepted: u64,
    /// Lines that were played.
    pub lines: u64,
    /// Lines that were played over sockets too.
    pub wired: u64,
}

impl Tally {
    /// Adds another one.
    pub fn add(&mut self, other: Tally) {
        self.generated += other.generated;
        self.accepted += other.accepted;
        self.lines += other.lines;
        self.wired += other.wired;
    }
}

/// Something that was found, and how it can be seen again.
pub struct Found {
    /// The seed of the program.
    pub seed: u64,
    /// What is wrong.
    pub fault: Fault,
    /// The program.
    pub source: Source,
    /// The conversation, where it takes one.
    pub script: Option<Script>,
}

/// A fault planted into a program, to see whether it is found.
pub type Planted<'a> = &'a dyn Fn(&mut Program);

/// What this thread has used of the processor.
fn processor() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map(Duration::from).unwrap_or_default()
}

/// Tries one seed. Rules that refuse it are added to `refusals`.
pub fn seed(
    seed: u64,
    tally: &mut Tally,
    refusals: &mut BTreeMap<&'static str, u64>,
    stage: Option<&Stage>,
) -> Vec<Found> {
    planted(seed, (tally, refusals), stage, None)
}

/// Tries one seed, with a fault planted into what it is compiled to.
pub fn planted(
    seed: u64,
    (tally, refusals): (&mut Tally, &mut BTreeMap<&'static str, u64>),
    stage: Option<&Stage>,
    fault: Option<Planted<'_>>,
) -> Vec<Found> {
    let source = generate::source(seed);
    tally.generated += 1;
    let began = processor();
    let mut checked = match catch_unwind(AssertUnwindSafe(|| check::source(&source))) {
        Ok(checked) => checked,
        Err(panic) => {
            let fault = Fault::new("panic", format!("the checker: {}", said(panic)));
            return vec![Found { seed, fault, source, script: None }];
        }
    };
    let mut found = Vec::new();
    let took = processor().saturating_sub(began);
    if took > PATIENT {
        let fault = Fault::new("slow", format!("the check took {took:?}"));
        found.push(Found { seed, fault, source: source.clone(), script: None });
    }
    *refusals = checked.refusals();
    // Clients, and what is expected, go by what the file says, not by what was planted.
    let written = fault.and_then(|fault| {
        let honest = check::source(&source).program;
        checked.program.as_mut().and_then(Arc::get_mut).map(fault);
        honest
    });
    let Some(programs) = with(&source, &checked, written) else { return found };
    tally.accepted += 1;
    let source = Source { text: checked.text.clone(), promises: Vec::new(), ..source };
    for number in 0..CONVERSATIONS {
        let played = catch_unwind(AssertUnwindSafe(|| converse(&programs, seed * 100 + number, stage)));
        match played {
            Ok(Some((script, faults, wired))) => {
                tally.lines += script.lines();
                tally.wired += if wired { script.lines() } else { 0 };
                for fault in faults {
                    found.push(Found { seed, fault, source: source.clone(), script: Some(script.clone()) });
                }
            }
            Ok(None) => {}
            Err(panic) => {
                let fault = Fault::new("panic", said(panic));
                found.push(Found { seed, fault, source: source.clone(), script: None });
            }
        }
    }
    found
}

/// Whether a file with secrets shows its peers what they said.
fn shows_lines(source: &Source, text: &str) -> bool {
    let texts = [Some(text), source.base.as_ref().map(|base| base.1.as_str())];
    let has = |word: &str| texts.iter().flatten().any(|text| text.contains(word));
    has("secret") && ["{line", "{verb", "{tag"].into_iter().any(has)
}

/// The programs of an accepted file.
pub fn programs(source: &Source, checked: &Checked) -> Option<Programs> {
    with(source, checked, None)
}

/// The programs of an accepted file; `written` is the first without the fault that was planted into it.
fn with(source: &Source, checked: &Checked, written: Option<Arc<Program>>) -> Option<Programs> {
    let first = checked.program.clone()?;
    let written = written.unwrap_or_else(|| first.clone());
    let base = source.base.as_ref();
    let texts = [Some(&checked.text), base.map(|base| &base.1), source.next.as_ref().map(|next| &next.text)];
    let says = |word: &str| texts.iter().flatten().any(|text| text.contains(word));
    let next = source.next.as_deref().map(check::source);
    let unproved = [Some(checked), next.as_ref()].map(|version| version.map(Checked::undecided).unwrap_or_default());
    Some(Programs {
        reckoned: Arc::new(Reckoned::new(&written)),
        written,
        first,
        next: next.and_then(|next| next.program),
        unproved,
        answers: (u32::from(!says("silent")), if says("answer each ") { u32::MAX } else { 1 }),
        meaning: check::meaning(source, &checked.text),
        masked: shows_lines(source, &checked.text),
    })
}

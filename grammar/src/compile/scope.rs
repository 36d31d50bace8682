//! The names that a body can see.
//!
//! Never: looks a name up in the file; that is the model's.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use diagnostic::Span;
use program::{Expr, FactId, OutcomeSignature, Pc, Slot, StateId, Type};

use crate::{
    compile::flow::{Answers, Path},
    tree::Name,
};

/// What surrounds a body while it is lowered.
pub(crate) struct Scope {
    /// The state that it runs in; none for `unexpected`, `limits` and settings.
    pub(crate) state: Option<StateId>,
    /// What kind of body it is.
    pub(crate) kind: BodyKind,
    /// The holes of the line, by name.
    pub(crate) captures: Vec<(Arc<str>, Option<Type>)>,
    /// The most octets of each.
    pub(crate) holes_most: Vec<i64>,
    /// Names bound in the body, the innermost last.
    pub(crate) locals: Vec<Local>,
    /// The next free slot.
    pub(crate) next: u16,
    /// The facts of the state; `true` for an optional one.
    pub(crate) facts: BTreeMap<FactId, bool>,
    /// Facts of the state that a routine did not ask for.
    pub(crate) hidden: BTreeSet<FactId>,
    /// What a client may give.
    pub(crate) gives: Vec<OutcomeSignature>,
    /// The routines that are being lowered, for circles.
    pub(crate) routines: Vec<Arc<str>>,
    /// The routines that this body has run: each is put in place once, and shared by the body from then on.
    pub(crate) ran: BTreeSet<Arc<str>>,
    /// Routines that are shared and still to be lowered, those that run others before these.
    pub(crate) waiting: BTreeMap<Sharing, Waiting>,
    /// Those that have been lowered to be shared.
    pub(crate) shared: BTreeSet<Sharing>,
    /// Where the body begins TLS without having asked whether it is up: its command is accepted in the clear alone.
    pub(crate) in_the_clear_only: Option<Span>,
    /// How many loops surround what is being lowered.
    pub(crate) loops: usize,
    /// The payload of the command.
    pub(crate) payload: Option<Arrived>,
    /// The end of the loop's time, inside `for each … within`.
    pub(crate) until: Option<Slot>,
    /// The `answer each` that the body is in.
    pub(crate) owing: Option<Span>,
    /// The words of the line of `unexpected` or `limits` that it is.
    pub(crate) rule: Option<Arc<str>>,
    /// A `stay` of it.
    pub(crate) stays: Option<Span>,
    /// That loop's whole time.
    pub(crate) until_time: Option<Expr>,
    /// The answers at all endings so far, for an `enter`.
    pub(crate) endings: Answers,
    /// Whether some answer was not a refusal.
    pub(crate) accepts: bool,
}

/// Which routine is shared, by its place in their order; for the time of which loop, and for which `answer each`.
pub(crate) type Sharing = (usize, Option<u16>, Option<Span>);

/// A routine that several places of a body run.
pub(crate) struct Waiting {
    /// Its name, where it is run first.
    pub(crate) name: Name,
    /// The jumps that lead to it.
    pub(crate) jumps: Vec<Pc>,
    /// What is known on all ways to it.
    pub(crate) path: Path,
    /// A slot behind all that may still be asked for.
    pub(crate) next: u16,
    /// The time of the loop that it is run in.
    pub(crate) until_time: Option<Expr>,
}

/// What kind of body is lowered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyKind {
    /// The body of a handler.
    Handler,
    /// The `enter` of a state.
    Enter,
    /// The `leave` of a state.
    Leave,
    /// A line of `unexpected` or `limits`.
    Outside,
    /// The body of a client.
    Client,
    /// An expression alone: a guard, a bound, the default of a setting.
    Expression,
}

/// A payload that has come with the line of a command.
pub(crate) struct Arrived {
    pub(crate) slot: Slot,
    /// How many octets it has, where that is read from the line.
    pub(crate) count: Option<Expr>,
    /// How many it may have.
    pub(crate) most: Expr,
}

/// A name bound in a body.
#[derive(Clone)]
pub(crate) struct Local {
    pub(crate) name: Arc<str>,
    pub(crate) slot: Slot,
    pub(crate) ty: Option<Type>,
    /// The time that it stands for, where that is known before anything runs: constants and settings.
    pub(crate) time: Option<Expr>,
    /// A count of rows that is not the same on every database.
    pub(crate) is_uneven: bool,
}

impl Scope {
    /// A scope that sees nothing but what is known everywhere; locals begin at `first_slot`, behind the facts.
    pub(crate) fn new(kind: BodyKind, state: Option<StateId>, first_slot: usize) -> Scope {
        Scope {
            state,
            kind,
            captures: Vec::new(),
            holes_most: Vec::new(),
            locals: Vec::new(),
            next: first_slot as u16,
            facts: BTreeMap::new(),
            hidden: BTreeSet::new(),
            gives: Vec::new(),
            routines: Vec::new(),
            ran: BTreeSet::new(),
            waiting: BTreeMap::new(),
            shared: BTreeSet::new(),
            in_the_clear_only: None,
            loops: 0,
            payload: None,
            until: None,
            owing: None,
            rule: None,
            stays: None,
            until_time: None,
            endings: Answers::NOWHERE,
            accepts: false,
        }
    }

    /// A new slot.
    pub(crate) fn slot(&mut self) -> Slot {
        self.next += 1;
        Slot(self.next - 1)
    }

    /// Binds a name to a new slot.
    pub(crate) fn bind(&mut self, name: &Arc<str>, ty: Option<Type>) -> Slot {
        let slot = self.slot();
        self.locals.push(Local { name: name.clone(), slot, ty, time: None, is_uneven: false });
        slot
    }

    /// The innermost local of that name.
    pub(crate) fn local(&self, name: &str) -> Option<&Local> {
        self.locals.iter().rev().find(|local| *local.name == *name)
    }
}

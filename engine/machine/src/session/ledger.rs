//! What a session keeps, weighed, and asked for before it grows.
//!
//! Each slot has a weight, which changes when something of no fixed size is put there. Values share texts and records;
//! each holder counts its part, so a weight is near the truth when it is taken and may be too small once another holder
//! is gone. So all is weighed again before more is asked for, and when as much as an eighth was let go of.
//!
//! Never: asks for what a session is counted with in any case; makes a command pay that keeps nothing.

use program::{Place, Slot, Value};

use super::{Session, Turn};
use crate::expression::Fault;

/// What every session may keep unasked: it is a part of what each is counted with.
const UNASKED: u64 = 16 << 10;
/// So many octets may wait to be read before they are counted.
const UNREAD: usize = 8 << 10;
/// The least that is let go of before all is weighed again.
const LET_GO: u64 = 4 << 10;

/// There is no room for what the session would keep. It hears `limits { full }`.
pub(crate) const FULL: Fault = Fault(&"there is no memory for what it keeps");

/// The weights of one session.
#[derive(Debug)]
pub(super) struct Ledger {
    slots: Box<[u64]>,
    /// The sum of them.
    kept: u64,
    /// Values that wait to be set until the `leave` of a state is done, and lists that a call was given.
    aside: u64,
    /// Octets that wait to be read.
    input: u64,
    /// Lists in the holes of the present line.
    holes: u64,
    /// So much may be kept.
    granted: u64,
    /// So much was let go of since all was weighed.
    let_go: u64,
}

impl Ledger {
    /// Of a session that keeps nothing.
    pub(super) fn new(slots: usize) -> Ledger {
        Ledger { slots: vec![0; slots].into(), kept: 0, aside: 0, input: 0, holes: 0, granted: UNASKED, let_go: 0 }
    }

    fn total(&self) -> u64 {
        self.kept + self.aside + self.input + self.holes
    }

    /// The slot weighs that now.
    fn weighs(&mut self, slot: usize, weight: u64) {
        let Some(known) = self.slots.get_mut(slot) else { return };
        let former = std::mem::replace(known, weight);
        self.kept = self.kept.saturating_sub(former).saturating_add(weight);
        self.let_go = self.let_go.saturating_add(former);
    }
}

impl Session {
    /// Weighs what was put into a slot.
    #[inline]
    pub(super) fn weigh(&mut self, slot: usize) {
        let Some(value) = self.held.slots.get(slot) else { return };
        let has_size =
            matches!(value, Value::Text(_) | Value::Address(_) | Value::List(_) | Value::Record(_) | Value::Secret(_));
        if has_size || self.held.ledger.slots.get(slot).is_some_and(|known| *known > 0) {
            self.held.ledger.weighs(slot, value.weight());
        }
    }

    /// An element of a loop is in a slot: unless it is a list, its loop's own list holds it, too.
    pub(super) fn weigh_element(&mut self, slot: Slot) {
        let slot = usize::from(slot.0);
        match self.held.slots.get(slot) {
            Some(list @ Value::List(_)) => self.held.ledger.weighs(slot, list.weight()),
            _ => self.held.ledger.weighs(slot, 0),
        }
    }

    /// Something of that weight was added to what is there.
    pub(super) fn weigh_more(&mut self, place: Place, weight: u64) {
        let slot = usize::from(place.slot.0);
        if let Some(known) = self.held.ledger.slots.get_mut(slot) {
            *known += weight;
            self.held.ledger.kept += weight;
        }
    }

    /// The values of these slots are gone.
    pub(super) fn weigh_nothing(&mut self, slots: std::ops::Range<usize>) {
        if self.held.ledger.kept > 0 {
            slots.for_each(|slot| {
                if self.held.ledger.slots.get(slot).is_some_and(|known| *known > 0) {
                    self.held.ledger.weighs(slot, 0);
                }
            });
        }
    }

    /// These values wait to be set.
    pub(super) fn put_aside<'v>(&mut self, values: impl Iterator<Item = &'v Value>) {
        self.held.ledger.aside = values.map(Value::weight).sum();
    }

    /// Nothing waits to be set.
    pub(super) fn take_back(&mut self) {
        self.held.ledger.aside = 0;
    }

    /// All slots are other ones.
    pub(super) fn weigh_anew(&mut self) {
        self.held.ledger = Ledger { granted: self.held.ledger.granted, ..Ledger::new(self.held.slots.len()) };
        self.weigh_all();
    }

    /// Weighs what stands in the holes of the line, where that is larger than the line.
    #[inline]
    pub(super) fn weigh_holes(&mut self, weight: u64) {
        let ledger = &mut self.held.ledger;
        if ledger.holes | weight > 0 {
            ledger.let_go += std::mem::replace(&mut ledger.holes, weight);
        }
    }

    /// Whether there is room for what the session keeps now.
    ///
    /// # Errors
    /// There is none: the session ends.
    #[inline]
    pub(super) fn afford(&mut self, turn: &mut Turn<'_>) -> Result<(), Fault> {
        if self.held.ledger.total() <= self.held.ledger.granted { Ok(()) } else { self.ask_for_room(turn) }
    }

    #[cold]
    fn ask_for_room(&mut self, turn: &mut Turn<'_>) -> Result<(), Fault> {
        // A session that ends does so with what it has.
        if self.ends.breaking {
            return Ok(());
        }
        self.weigh_all();
        let wanted = self.held.ledger.total();
        if wanted <= self.held.ledger.granted {
            return Ok(());
        }
        // Some more, so that not everything that is added asks anew.
        for room in [wanted + wanted / 8, wanted] {
            if turn.effects.room(room) {
                self.held.ledger.granted = room;
                return Ok(());
            }
        }
        Err(FULL)
    }

    /// A command is done: gives back what is not needed any more.
    #[inline]
    pub(super) fn give_back(&mut self, turn: &mut Turn<'_>) {
        if self.held.ledger.let_go >= LET_GO.max(self.held.ledger.kept / 8) {
            self.settle_room(turn);
        }
    }

    #[cold]
    fn settle_room(&mut self, turn: &mut Turn<'_>) {
        self.weigh_all();
        let total = self.held.ledger.total();
        let room = (total + total / 8).max(UNASKED);
        if room < self.held.ledger.granted && turn.effects.room(if room > UNASKED { room } else { 0 }) {
            self.held.ledger.granted = room;
        }
    }

    fn weigh_all(&mut self) {
        for (slot, value) in self.held.slots.iter().enumerate() {
            if let Some(known) = self.held.ledger.slots.get_mut(slot) {
                *known = value.weight();
            }
        }
        self.held.ledger.kept = self.held.ledger.slots.iter().sum();
        self.held.ledger.let_go = 0;
    }

    /// Counts what waits to be read, when that is more than a few lines.
    #[inline]
    pub(super) fn weigh_input(&mut self, turn: &mut Turn<'_>) {
        let wire = &turn.program().wire;
        let beside = wire.request.is_some() || wire.literals.is_some();
        if beside || turn.unread.len() > UNREAD || self.held.ledger.input > 0 {
            self.count_input(turn);
        }
    }

    fn count_input(&mut self, turn: &mut Turn<'_>) {
        let held = turn.unread.len() + self.incoming.block.held() + self.incoming.assembly.held();
        if held <= UNREAD && self.held.ledger.input == 0 {
            return;
        }
        self.held.ledger.input = if held > UNREAD { held as u64 } else { 0 };
        // While it is not the peer's turn, nothing more comes.
        if self.phase.listens()
            && let Err(fault) = self.afford(turn)
        {
            self.broken(fault, None, turn);
        }
    }
}

//! Instructions as a listener runs them: what it decides is worked out, and what does nothing is passed over.
//!
//! Never: runs one.

use program::{Op, Pc, Value};

use super::Test;

/// The instructions of a program, place by place.
pub(crate) struct Code {
    ops: Vec<Op>,
    /// The conditions of [`Op::Unless`], and of [`Op::Let`] where its value is one, by their places.
    tests: Vec<Option<Test>>,
    /// Where a body that comes to a place does something next.
    onward: Vec<Pc>,
}

impl Code {
    pub(super) fn new(ops: Vec<Op>, settings: &[Value]) -> Code {
        let test = |op: &Op| match op {
            Op::Unless { condition, .. } => Some(Test::of(condition, true, settings)),
            Op::Let { value, .. } if Test::is_one(value) => Some(Test::of(value, true, settings)),
            _ => None,
        };
        let tests: Vec<Option<Test>> = ops.iter().map(test).collect();
        let mut onward: Vec<Pc> = Vec::new();
        for (index, (op, test)) in ops.iter().zip(&tests).enumerate().rev() {
            let here = Pc(index as u32);
            let next = passed(here, op, test.as_ref()).unwrap_or(here);
            // Places are gone through from the last one, so that what is further on is known; loops go back. A body
            // that is played to show a fault may lead nowhere.
            let known = (ops.len() - 1).checked_sub(next.0 as usize).and_then(|known| onward.get(known));
            onward.push(if next > here { known.copied().unwrap_or(next) } else { here });
        }
        onward.reverse();
        Code { ops, tests, onward }
    }

    pub(super) fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// An instruction.
    #[inline]
    pub(crate) fn op(&self, at: Pc) -> Option<&Op> {
        self.ops.get(at.0 as usize)
    }

    /// The condition of the instruction there.
    #[inline]
    pub(crate) fn test(&self, at: Pc) -> Option<&Test> {
        self.tests.get(at.0 as usize)?.as_ref()
    }

    /// Where a body goes on behind an instruction that does nothing.
    pub(crate) fn passed(&self, at: Pc) -> Option<Pc> {
        passed(at, self.op(at)?, self.test(at))
    }

    /// The place of the first instruction from there on that does something.
    #[inline]
    pub(crate) fn onward(&self, at: Pc) -> Pc {
        self.onward.get(at.0 as usize).copied().unwrap_or(at)
    }
}

/// Where a body goes on behind a jump, or behind a condition that the listener decides.
fn passed(at: Pc, op: &Op, test: Option<&Test>) -> Option<Pc> {
    match (op, test) {
        (Op::Jump(target), _) => Some(*target),
        (Op::Unless { .. }, Some(Test::Decided(true))) => Some(Pc(at.0 + 1)),
        (Op::Unless { target, .. }, Some(Test::Decided(false))) => Some(*target),
        _ => None,
    }
}

//! What the sessions of a listener can come to, its settings being what they are.
//!
//! Never: decides anything by facts or by what a peer says; what depends on them can be reached.

use std::sync::Arc;

use program::{Op, Pc, Statement, Target};

use super::{Service, Test};

impl Service {
    /// The statements that its sessions may ask, each once, in the order of the code.
    pub fn statements(&self) -> Vec<&Arc<Statement>> {
        let mut found: Vec<&Arc<Statement>> = Vec::new();
        for (op, _) in self.code.ops().iter().zip(self.reached()).filter(|(_, reached)| *reached) {
            let Op::Ask(ask) = op else { continue };
            let asked = if let Target::Statement(statement) = &ask.target { Some(statement) } else { None };
            for statement in asked.into_iter().chain(&ask.using) {
                if !found.iter().any(|known| Arc::ptr_eq(known, statement)) {
                    found.push(statement);
                }
            }
        }
        found
    }

    /// By instruction: whether a session may come there.
    fn reached(&self) -> Vec<bool> {
        let mut reached = vec![false; self.code.ops().len()];
        let mut open = self.entries();
        while let Some(at) = open.pop() {
            match reached.get_mut(at.0 as usize) {
                Some(reached) if !*reached => *reached = true,
                _ => continue,
            }
            match (self.code.op(at), self.code.test(at)) {
                (Some(Op::Unless { .. }), Some(Test::Decided(true))) => open.push(Pc(at.0 + 1)),
                (Some(Op::Unless { target, .. }), Some(Test::Decided(false))) => open.push(*target),
                _ => open.extend(self.program.behind(at)),
            }
        }
        reached
    }

    /// Where bodies begin that may run.
    fn entries(&self) -> Vec<Pc> {
        let program = &*self.program;
        let handlers = program.handlers.iter().zip(&self.guards);
        let handlers = handlers.filter(|(_, guard)| !matches!(guard, Some(Test::Decided(false))));
        let mut entries: Vec<Pc> = handlers.map(|(handler, _)| handler.entry).collect();
        entries.extend(program.states.iter().flat_map(|state| [state.enter, state.leave]).flatten());
        let unexpected = &program.unexpected;
        entries.extend([unexpected.out_of_order, unexpected.bad_arguments, unexpected.unknown_command]);
        entries.extend([unexpected.cancelled, unexpected.bad_answer, unexpected.jumped_queue].into_iter().flatten());
        entries.extend(unexpected.foreign.as_ref().map(|foreign| foreign.code));
        let limits = &program.limits;
        entries.extend([
            limits.line,
            limits.idle.code,
            limits.session.code,
            limits.shutdown,
            limits.full,
            limits.broken,
        ]);
        entries.extend(limits.early.as_ref().map(|early| early.code));
        entries
    }
}

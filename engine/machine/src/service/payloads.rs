//! What may become of payloads behind a listener.
//!
//! Never: looks into one.

use program::{Expr, Op, Target, Value};

use super::Service;

impl Service {
    /// Whom its sessions may ask: each with the arguments that this listener decides, where it does.
    pub fn asks(&self) -> impl Iterator<Item = (&Target, Vec<Option<&Value>>)> {
        let asks = self.code.ops().iter().filter_map(Op::asks);
        asks.map(|ask| (&ask.target, ask.arguments.iter().map(|argument| self.decided(argument)).collect()))
    }

    /// Whether its sessions may send payloads out again.
    pub fn sends_payloads(&self) -> bool {
        self.code.ops().iter().any(|op| matches!(op, Op::Payload { .. }))
    }

    fn decided<'a>(&'a self, argument: &'a Expr) -> Option<&'a Value> {
        match argument {
            Expr::Constant(value) => Some(value),
            Expr::Setting(id) => self.settings.get(usize::from(id.0)),
            _ => None,
        }
    }
}

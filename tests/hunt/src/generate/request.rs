//! Protocols of attribute blocks.
//!
//! Never: has states with facts that a request could not supply.

use std::fmt::Write as _;

use super::{
    plan::{Plan, State},
    scope::{Kind, Scope, Var},
    writer::{Part, Place, Writer},
};
use crate::chance::Chance;

/// A file whose peer sends requests.
pub(super) fn requests(seed: u64) -> String {
    let mut chance = Chance::of(seed, "requests");
    let mut plan = Plan::new(seed);
    plan.wire.words = true;
    plan.wire.listing = false;
    plan.clients = false;
    plan.routines.clear();
    let count = 1 + chance.below(2);
    plan.states = (0..count)
        .map(|number| State { name: format!("s{number}"), facts: Vec::new(), enter: None, leave: chance.one_in(5) })
        .collect();
    let mut writer = Writer::new(&plan, chance.clone());
    let separator = *chance.pick(&["=", ": "]);
    let mut text = format!(
        "protocol p \"t\" version 1 edition 1\nwire {{\n    lines lf at most 200 octets\n    request attributes \"{separator}\" at most {} lines and 400 octets {{\n        kind : word\n        size : size = {}\n        gate : gate\n        name : word = settings.name\n        password : secret text at most 20 octets\n        \"Reply-To\" : text\n    }}\n    reply \"v={{status}} {{text}}\"{}\n    say \"s={{text}}\"\n    answers OK, DONE, MORE\n    refusal NO\n}}\n",
        4 + chance.below(6),
        chance.below(3),
        if chance.one_in(2) { " then blank line" } else { "" },
    );
    text.push_str(&writer.declarations());
    for number in 0..count {
        let start = if number == 0 { "start " } else { "" };
        let _ = writeln!(text, "{start}state s{number} {{");
        if plan.states[number].leave {
            text.push_str("    leave { log debug \"left\" }\n");
        }
        text.push_str(&writer.answers_to_requests(number));
        text.push_str("}\n");
    }
    text.push_str("unexpected {\n    out of order -> NO \"order\"\n    bad arguments -> NO \"bad\"\n}\n");
    text.push_str(&writer.limits(&text.clone()));
    text
}

impl Writer<'_> {
    fn answers_to_requests(&mut self, state: usize) -> String {
        let known = [
            Var::new("request.kind", Kind::Word).perhaps(true),
            Var::new("request.size", Kind::Size),
            Var::new("request.gate", Kind::Gate).perhaps(true),
            Var::new("request.name", Kind::Word),
            Var::new("request.password", Kind::Secret).perhaps(true),
            Var::new("request.reply_to", Kind::Text).perhaps(true),
        ];
        let scope = Scope::of(&known);
        let place = Place { part: Part::Request, state: Some(state) };
        let (guard, present) = self.condition(&scope);
        let first = self.body(&scope.knowing(&present), place);
        let mut text = format!("    on request when {guard} {{ {first}}}\n");
        if !self.chance.one_in(3) {
            let second = self.body(&scope, place);
            let _ = writeln!(text, "    on request when not ({guard}) {{ {second}}}");
        }
        if state + 1 < self.plan.states.len() {
            // A way into the next state.
            text = text.replacen("stay", &format!("goto s{}", state + 1), 1);
        }
        text
    }
}

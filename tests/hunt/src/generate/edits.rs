//! A protocol that takes another one over and edits it.
//!
//! Never: makes sure that an edit hits something.

use super::{
    plan::Plan,
    scope::Scope,
    writer::{Part, Place, Writer},
};
use crate::chance::Chance;

/// A file `q` that takes over `p`, whose text is given.
pub(super) fn derived(plan: &Plan, base: &str, mut chance: Chance) -> String {
    let verbs: Vec<String> = base
        .split("on \"")
        .skip(1)
        .filter_map(|rest| rest.split([' ', '"', '[']).next())
        .filter(|verb| !verb.starts_with('{') && *verb != "QUIT")
        .map(str::to_owned)
        .collect();
    let mut writer = Writer::new(plan, Chance::new(chance.number()));
    let mut text = String::from("protocol q from p \"t\" version 1\n");
    for _ in 0..1 + chance.below(3) {
        let verb = chance.some(&verbs).cloned().unwrap_or_else(|| "GO".into());
        let state = chance.below(plan.states.len());
        let name = &plan.states[state].name;
        let (ok, no) = (writer.status(true), writer.status(false));
        let edit = match chance.below(9) {
            0 => format!("settings {{ few = {} }}", chance.below(4)),
            1 => format!("remove \"{verb}\""),
            2 => format!("rename \"{verb}\" to \"RUN\""),
            3 | 4 => {
                let (condition, _) = writer.condition(&Scope::default());
                format!("before on \"{verb}\" {{ require {condition} else {no} \"before\" }}")
            }
            5 => format!("override on \"{verb}\" -> {ok} \"other\""),
            6 => {
                let place = Place { part: Part::Command, state: Some(state) };
                let body = writer.body(&Scope::of(&plan.states[state].facts), place);
                format!("during {name} {{ on \"NEW\" {{ {body}}} }}")
            }
            7 => format!("override limits {{ idle 30 seconds -> {no} \"soon\" close }}"),
            _ => format!("before on \"{verb}\" {{ log info \"before\" }}"),
        };
        text.push_str(&edit);
        text.push('\n');
    }
    text
}

//! Whether octets follow a line: what is known of that in every state, and that it is plain from the line alone.
//!
//! Never: reads a payload.

use std::{
    cmp::{Ordering, Reverse},
    sync::Arc,
};

use diagnostic::Diagnostic;
use program::{Expr, Framed};

use crate::{
    check::{lexemes, types},
    compile::{
        Compiler,
        command::{Command, captures},
        offer::Stand,
    },
    lexical::{self, Part},
    rules,
};

impl Compiler<'_> {
    /// What comes after lines, those of templates with the longest beginning first; none where no line is followed by
    /// octets. Marks the handlers whose lines may be followed by octets all the same.
    pub(super) fn framed(&mut self) -> Vec<Framed> {
        let mut framed: Vec<Framed> = Vec::new();
        for stand in &self.lowered.stands {
            let command = &self.commands[stand.command];
            let payload = &self.lowered.handlers[stand.handler.0 as usize].payload;
            let Some(template) = &command.template else { continue };
            if !framed.iter().any(|known| Arc::ptr_eq(&known.template, template)) {
                framed.push(Framed {
                    claim: command.form.claim().into(),
                    unbounded: command.form.claims_unbounded(),
                    template: template.clone(),
                    captures: captures(&command.holes),
                    count: payload.as_ref().and_then(|payload| payload.count.clone()),
                });
            }
        }
        if !framed.iter().any(|framed| framed.count.is_some()) {
            return Vec::new();
        }
        framed.sort_by_key(|framed| Reverse(framed.claim.len()));
        for stand in &self.lowered.stands {
            let claim = self.commands[stand.command].form.claim();
            let outranks = |framed: &Framed| {
                let head = framed.claim.get(..claim.len()).filter(|_| framed.claim.len() > claim.len());
                framed.count.is_some() && head.is_some_and(|head| self.model.wire.is_alike(head, &claim))
            };
            self.lowered.handlers[stand.handler.0 as usize].outranked = framed.iter().any(outranks);
        }
        framed
    }

    /// Tells of each pair of templates that one line fits, where octets follow one of them and not the other, or another
    /// number of them: what is behind such a line would be a payload in one state and commands in another.
    pub(super) fn check_framing(&mut self) {
        let mut commands: Vec<(usize, Option<Expr>)> = Vec::new();
        for stand in &self.lowered.stands {
            let payload = &self.lowered.handlers[stand.handler.0 as usize].payload;
            let count = payload.as_ref().and_then(|payload| payload.count.clone());
            if !self.commands[stand.command].def.pattern.is_request()
                && !commands.iter().any(|(known, _)| *known == stand.command)
            {
                commands.push((stand.command, count));
            }
        }
        let mut found = Vec::new();
        for (n, (first, first_count)) in commands.iter().enumerate() {
            for (second, second_count) in &commands[n + 1..] {
                let (carrying, other) = match (first_count, second_count) {
                    (None, None) => continue,
                    (Some(a), Some(b)) if self.is_same_count((*first, a), (*second, b)) => continue,
                    (None, Some(_)) => (*second, *first),
                    (Some(_), _) => (*first, *second),
                };
                let is_pair = first_count.is_some() && second_count.is_some();
                if self.may_share(carrying, other) && (is_pair || self.disputes(carrying, other)) {
                    found.push((carrying, other, is_pair));
                }
            }
        }
        for (carrying, other, is_pair) in found {
            self.tell_framing(carrying, other, is_pair);
        }
    }

    fn tell_framing(&mut self, carrying: usize, other: usize, is_pair: bool) {
        let (a, b) = (&self.commands[carrying], &self.commands[other]);
        let (span, first) = (b.def.pattern.span, a.def.pattern.span);
        let line = match lexical::overlap(&a.form, &b.form) {
            Ok(Some(line)) => String::from_utf8_lossy(&line).into_owned(),
            Ok(None) => return,
            Err(error) => return self.findings.add(lexemes::finding(&error, span)),
        };
        let (message, label) = match is_pair {
            true => ("how many octets follow is not plain from the line", "this reads another number from it"),
            false => ("whether octets follow is not plain from the line", "octets follow this"),
        };
        let finding = Diagnostic::new(&rules::commands::FRAMING, span, message)
            .other(first, label)
            .help(format!("the shortest line that fits both is `{line}`"))
            .help("narrow the type of a hole, so that no line fits both, or let the same payload follow both");
        self.findings.add(finding);
    }

    /// Whether one of the literal beginnings begins like the other: else no line fits both.
    fn may_share(&self, a: usize, b: usize) -> bool {
        let (a, b) = (self.commands[a].form.claim(), self.commands[b].form.claim());
        let shorter = a.len().min(b.len());
        match (a.get(..shorter), b.get(..shorter)) {
            (Some(a), Some(b)) => self.model.wire.is_alike(a, b),
            _ => true,
        }
    }

    /// Whether it cannot be told from a line that fits both whether octets follow. The longer beginning decides that; with
    /// the shorter one a command takes no such line if the other is there wherever it is, under any condition.
    fn disputes(&self, carrying: usize, other: usize) -> bool {
        let claim = |command: usize| self.commands[command].form.claim().len();
        let is_there = |here: &Stand| {
            let stands = |stand: &Stand| stand.command == other && stand.state == here.state && stand.guard.is_none();
            self.lowered.stands.iter().any(stands)
        };
        match claim(carrying).cmp(&claim(other)) {
            Ordering::Greater => false,
            Ordering::Equal => true,
            Ordering::Less => !self.lowered.stands.iter().filter(|stand| stand.command == carrying).all(is_there),
        }
    }

    /// Whether two counts are the same number in every line that fits both templates.
    fn is_same_count(&self, (a, a_count): (usize, &Expr), (b, b_count): (usize, &Expr)) -> bool {
        let (a, b) = (&self.commands[a], &self.commands[b]);
        if a.form == b.form && a_count == b_count {
            return true;
        }
        let (Expr::Capture(hole), Expr::Capture(other)) = (a_count, b_count) else { return false };
        match (place_of(a, *hole), place_of(b, *other)) {
            (Some(place), Some(other)) => place == other && a.form.parts[..place] == b.form.parts[..place],
            _ => false,
        }
    }
}

/// Where a hole stands in a template, if it is a number that ends where its digits end.
fn place_of(command: &Command<'_>, hole: u8) -> Option<usize> {
    let ty = command.holes.get(usize::from(hole))?.ty.as_ref()?;
    let mut holes = 0;
    let place = command.form.parts.iter().position(|part| {
        holes += count(part);
        holes > usize::from(hole)
    })?;
    let is_hole = matches!(command.form.parts[place], Part::Hole(_));
    let parted = command.form.parts.get(place + 1).is_none_or(begins_without_a_digit);
    (is_hole && parted && types::is_number(ty)).then_some(place)
}

fn count(part: &Part) -> usize {
    match part {
        Part::Literal(_) => 0,
        Part::Hole(_) => 1,
        Part::Optional(parts) => parts.iter().map(count).sum(),
    }
}

fn begins_without_a_digit(part: &Part) -> bool {
    match part {
        Part::Literal(text) => !text.starts_with(|c: char| c.is_ascii_digit()),
        Part::Hole(_) => false,
        Part::Optional(parts) => parts.first().is_none_or(begins_without_a_digit),
    }
}

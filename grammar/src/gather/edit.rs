//! What was taken over, changed by the edits of the file that takes it over, in their order.
//!
//! Never: lets an edit pass that hits nothing.

use std::sync::Arc;

use diagnostic::{Diagnostic, Span, nearest};

use super::hit;
use crate::{
    rules::{bounds::TOO_MUCH, clients::OTHER_WIRE, edits::HITS_NOTHING},
    tree::{
        AnswerLine, AnswerRule, Block, Event, Expr, ExprKind, Item, LineCondition, Name, Pattern, PatternPart,
        StringPart, StringText, WireItem,
    },
};

/// The items of a protocol that takes another one over.
pub(super) fn apply(under: Vec<Item>, own: Vec<Item>, base: &Name, findings: &mut Vec<Diagnostic>) -> Vec<Item> {
    let exact = hit::is_exact(&under) || hit::is_exact(&own);
    let clients = under.iter().filter_map(client).map(|name| name.span).collect();
    let mut taken = Taken { items: under, base, exact, findings, left: MOST_WORK, misses: 0, clients, rewired: None };
    taken.handlers(|handler| handler.taken = handler.taken.saturating_add(1));
    let mut added = Vec::new();
    for item in own {
        if !taken.goes_on() {
            break;
        }
        match item {
            Item::Rename(old, new) => taken.rename(&old, &new),
            Item::Remove(None, commands) => commands.iter().for_each(|command| taken.remove_command(command)),
            Item::Remove(Some(kind), names) => names.iter().for_each(|name| taken.remove_item(&kind.text, name)),
            Item::Before(command, block) => taken.before(&command, &block),
            Item::Override(mark, item) => added.extend(taken.replace(mark, *item)),
            Item::Settings(fields, defaults, span) => {
                defaults.into_iter().for_each(|(name, value)| taken.default(&name, value));
                added.push(Item::Settings(fields, Vec::new(), span));
            }
            Item::Wire(lines, span) => added.extend(taken.wire(lines, span)),
            item => added.push(item),
        }
    }
    // What the last edit could not put in is told, too.
    if taken.left <= 1 {
        taken.goes_on();
    }
    taken.check_clients();
    let mut items = taken.items;
    items.extend(added);
    items
}

/// The name of a client.
fn client(item: &Item) -> Option<&Name> {
    if let Item::Client(def) = item { Some(&def.name) } else { None }
}

/// The items alone, where what the edits would change is not known.
pub(super) fn own(items: Vec<Item>) -> Vec<Item> {
    let kept = items.into_iter().filter_map(|item| match item {
        Item::Rename(..) | Item::Remove(..) | Item::Before(..) => None,
        Item::Override(_, item) => Some(*item),
        item => Some(item),
    });
    kept.collect()
}

/// The items of a protocol that takes none over: an edit in it hits nothing.
pub(super) fn refuse(items: Vec<Item>, findings: &mut Vec<Diagnostic>) -> Vec<Item> {
    let mut tell = |span: Span, message: String, help: &str| {
        findings.push(Diagnostic::new(&HITS_NOTHING, span, message).help(help));
    };
    for item in &items {
        let (word, span) = match item {
            Item::Rename(old, _) => ("rename", old.span),
            Item::Remove(_, names) => ("remove", names.first().map(|name| name.span).unwrap_or_default()),
            Item::Before(command, _) => ("before", command.span),
            Item::Override(mark, _) => ("override", *mark),
            Item::Settings(_, defaults, _) => {
                for (name, _) in defaults {
                    let help = format!("write  {} : TYPE = DEFAULT", name.text);
                    tell(name.span, format!("the setting `{}` has no type", name.text), &help);
                }
                continue;
            }
            _ => continue,
        };
        tell(
            span,
            format!("`{word}` changes what was taken over, and nothing was"),
            "write  from BASE  in the first line, or take it away",
        );
    }
    own(items)
}

/// A protocol that is being changed.
struct Taken<'a> {
    items: Vec<Item>,
    /// Its name, as it stands behind `from`.
    base: &'a Name,
    /// Whether its wire counts case.
    exact: bool,
    findings: &'a mut Vec<Diagnostic>,
    /// How much may still be looked at and put in.
    left: usize,
    /// How many edits have hit nothing.
    misses: usize,
    /// Where the names of the clients stand that were taken over.
    clients: Vec<Span>,
    /// The line of the wire that changed what is sent to other servers, or how they are understood.
    rewired: Option<Span>,
}

/// How many items and commands all edits together may look at, and statements put in.
const MOST_WORK: usize = 4_000_000;

/// For how many edits that hit nothing it is worked out what was meant.
const MOST_MISSES: usize = 100;

impl Taken<'_> {
    /// Whether there is room for one more edit; if not, that is told once.
    fn goes_on(&mut self) -> bool {
        let handlers: usize = self.items.iter_mut().filter_map(hit::handlers).map(|handlers| handlers.len()).sum();
        let next = self.items.len() + handlers;
        if self.left >= next {
            self.left -= next;
            return true;
        }
        if self.left > 0 {
            let message = format!("`{}` is changed by more edits than can be carried out", self.base.text);
            let finding = Diagnostic::new(&TOO_MUCH, self.base.span, message);
            self.findings.push(finding.help("let edits be fewer, or write the protocol anew"));
        }
        self.left = 0;
        false
    }

    /// Tells that an edit hits nothing, and what it could hit.
    fn miss(&mut self, span: Span, what: &str, name: &str, known: &[String]) {
        let message = format!("`{}` has no {what} `{name}`", self.base.text);
        self.misses += 1;
        if self.misses > MOST_MISSES {
            self.findings.push(Diagnostic::new(&HITS_NOTHING, span, message));
            return;
        }
        let help = match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => format!("it has no {what} at all: take this away"),
            None => format!("it has: {}", known.join(", ")),
        };
        self.findings.push(Diagnostic::new(&HITS_NOTHING, span, message).help(help));
    }

    fn handlers(&mut self, change: impl FnMut(&mut crate::tree::HandlerDef)) {
        self.items.iter_mut().filter_map(hit::handlers).flatten().for_each(change);
    }

    fn miss_command(&mut self, command: &Name) {
        let mut known: Vec<String> = Vec::new();
        self.handlers(|handler| {
            let opening = hit::opening(handler);
            let verb = opening.split([' ', ':']).next().unwrap_or_default();
            if !verb.is_empty() && !known.iter().any(|known| known == verb) {
                known.push(verb.to_owned());
            }
        });
        self.miss(command.span, "command", &command.text, &known);
    }

    /// Gives commands another beginning, wherever they are named.
    fn rename(&mut self, old: &Name, new: &Name) {
        let (mut hits, exact) = (0, self.exact);
        self.left = self.left.saturating_sub(new.text.len() / 16 * self.items.len()).max(1);
        let change = |literal: &mut Arc<str>| *literal = format!("{}{}", new.text, &literal[old.text.len()..]).into();
        self.handlers(|handler| {
            if hit::begins(&handler.pattern, &old.text, exact)
                && let Some(PatternPart::Literal(literal, _)) = handler.pattern.parts.first_mut()
            {
                hits += 1;
                change(literal);
            }
        });
        if hits == 0 {
            return self.miss_command(old);
        }
        for item in &mut self.items {
            match item {
                Item::Offers(def) => {
                    for line in def.lines.iter_mut().filter(|line| hit::offers(line, &old.text, exact)) {
                        if let AnswerLine::Text { text, .. } = line
                            && let Some(StringPart::Literal(literal, _)) = text.parts.first_mut()
                        {
                            change(literal);
                        }
                    }
                }
                Item::Wire(lines, _) => lines.iter_mut().for_each(|line| {
                    let names: Vec<&mut Name> = match line {
                        WireItem::Verbs(names, _) => names.iter_mut().collect(),
                        WireItem::Patience(list, _) => list.iter_mut().map(|(name, _)| name).collect(),
                        _ => Vec::new(),
                    };
                    let hit = names.into_iter().filter(|name| hit::same(&name.text, &old.text, exact));
                    hit.for_each(|name| name.text = new.text.clone());
                }),
                Item::Promise(def) => {
                    if let Event::On(pattern) = &mut def.event
                        && hit::begins(pattern, &old.text, exact)
                        && let Some(PatternPart::Literal(literal, _)) = pattern.parts.first_mut()
                    {
                        change(literal);
                    }
                }
                _ => {}
            }
        }
    }

    /// Takes commands away, and the lines that offered them where they are accepted.
    fn remove_command(&mut self, command: &Name) {
        let (mut hits, exact) = (0, self.exact);
        for handlers in self.items.iter_mut().filter_map(hit::handlers) {
            let before = handlers.len();
            handlers.retain(|handler| !hit::begins(&handler.pattern, &command.text, exact));
            hits += before - handlers.len();
        }
        if hits == 0 {
            return self.miss_command(command);
        }
        for item in &mut self.items {
            if let Item::Offers(def) = item {
                def.lines.retain(|line| {
                    let accepted = matches!(line, AnswerLine::Text { when: LineCondition::Accepted(_), .. });
                    !accepted || !hit::offers(line, &command.text, exact)
                });
            }
        }
    }

    fn remove_item(&mut self, kind: &str, name: &Name) {
        let mut known = Vec::new();
        let before = self.count();
        for item in &mut self.items {
            match item {
                Item::Settings(fields, ..) if kind == "setting" => {
                    known.extend(fields.iter().map(|field| field.name.text.to_string()));
                    fields.retain(|field| field.name.text != name.text);
                }
                Item::During(states, ..) if kind == "state" => states.retain(|state| state.text != name.text),
                _ => {}
            }
        }
        self.items.retain(|item| match hit::key(item) {
            Some((its, called)) if its == kind => {
                known.push(called.to_owned());
                *called != *name.text
            }
            _ => true,
        });
        if self.count() == before {
            self.miss(name.span, kind, &name.text, &known);
        }
        // Without a state to stand in, these would stand in all.
        self.items.retain(|item| !matches!(item, Item::During(states, ..) if states.is_empty()));
    }

    /// How much there is that `remove KIND` can take away.
    fn count(&self) -> usize {
        let settings =
            self.items.iter().map(|item| if let Item::Settings(fields, ..) = item { fields.len() } else { 0 });
        self.items.iter().filter(|item| hit::key(item).is_some()).count() + settings.sum::<usize>()
    }

    /// Lets a block run ahead of commands.
    fn before(&mut self, command: &Pattern, block: &Block) {
        let (mut hits, exact) = (0, self.exact);
        // What is put in stands at each of them for itself.
        let (size, mut left) = ((block.span.end - block.span.start) as usize / 16 + 1, self.left);
        self.handlers(|handler| {
            if hit::named(&handler.pattern, command, exact) {
                hits += 1;
                if left < size {
                    left = 0;
                    return;
                }
                left -= size;
                handler.body.statements.splice(0..0, block.statements.iter().cloned());
            }
        });
        if left == 0 {
            self.left = self.left.min(1);
        } else {
            self.left = left;
        }
        if hits == 0 {
            let text = match command.parts.first() {
                Some(PatternPart::Literal(text, _)) => text.clone(),
                _ => "request".into(),
            };
            self.miss_command(&Name { text, span: command.span });
        }
    }

    /// Gives a setting another default.
    fn default(&mut self, name: &Name, value: Expr) {
        let mut known = Vec::new();
        for item in &mut self.items {
            let Item::Settings(fields, ..) = item else { continue };
            for field in fields {
                if field.name.text == name.text {
                    field.default = Some(value);
                    return;
                }
                known.push(field.name.text.to_string());
            }
        }
        self.miss(name.span, "setting", &name.text, &known);
    }

    /// Puts an item, or its lines, in the place of what has its name. Gives back what is left over.
    fn replace(&mut self, mark: Span, item: Item) -> Option<Item> {
        match item {
            Item::Wire(lines, _) => {
                lines.into_iter().for_each(|line| self.replace_wire(line));
                None
            }
            Item::Limits(rules, span) => {
                let left = self.replace_rules("limits", rules);
                (!left.is_empty()).then_some(Item::Limits(left, span))
            }
            Item::Unexpected(rules, span) => {
                let left = self.replace_rules("unexpected", rules);
                (!left.is_empty()).then_some(Item::Unexpected(left, span))
            }
            item => {
                let (kind, name) = hit::key(&item)?;
                let place = self.items.iter().position(|other| hit::key(other) == Some((kind, name)));
                if let Some(place) = place {
                    self.items[place] = item;
                    return None;
                }
                let known = self.items.iter().filter_map(hit::key);
                let known: Vec<String> =
                    known.filter(|(its, _)| *its == kind).map(|(_, name)| name.to_owned()).collect();
                let name = name.to_owned();
                self.miss(mark, kind, &name, &known);
                Some(item)
            }
        }
    }

    fn replace_rules(&mut self, room: &'static str, rules: Vec<AnswerRule>) -> Vec<AnswerRule> {
        let mut left = Vec::new();
        for rule in rules {
            let mut known = Vec::new();
            let mut found = None;
            for item in &mut self.items {
                let ((Item::Limits(lines, _), "limits") | (Item::Unexpected(lines, _), "unexpected")) = (item, room)
                else {
                    continue;
                };
                for line in lines {
                    known.push(hit::words(line));
                    if hit::words(line) == hit::words(&rule) {
                        found = Some(line);
                    }
                }
            }
            match found {
                Some(line) => *line = rule,
                None => {
                    self.miss(rule.span, &format!("line of {room}"), &hit::words(&rule), &known);
                    left.push(rule);
                }
            }
        }
        left
    }

    fn replace_wire(&mut self, line: WireItem) {
        let (word, span) = hit::wire_word(&line);
        let mut known = Vec::new();
        for item in &mut self.items {
            let Item::Wire(lines, _) = item else { continue };
            for old in lines {
                let its = hit::wire_word(old).0;
                known.push(its.to_owned());
                if its == word {
                    if is_other(old, &line) {
                        self.rewired = self.rewired.or(Some(span));
                    }
                    *old = line;
                    return;
                }
            }
        }
        self.miss(span, "line of wire", word, &known);
    }

    /// Tells of clients that were taken over, and now speak another wire.
    fn check_clients(&mut self) {
        let Some(line) = self.rewired else { return };
        for name in self.items.iter().filter_map(client).filter(|name| self.clients.contains(&name.span)) {
            let message = format!("the client `{}` of `{}` now speaks this wire", name.text, self.base.text);
            let help = format!(
                "a server of the former wire does not understand it: write  remove client {0},  or  override client {0} …",
                name.text
            );
            self.findings.push(Diagnostic::new(&OTHER_WIRE, line, message).other(name.span, "it is here").help(help));
        }
    }

    /// What a wire lists becomes longer; what else it says must not have been said. Gives back what is new.
    fn wire(&mut self, lines: Vec<WireItem>, span: Span) -> Option<Item> {
        let mut added = Vec::new();
        'lines: for line in lines {
            for item in &mut self.items {
                let Item::Wire(under, _) = item else { continue };
                for old in under {
                    match (old, &line) {
                        (WireItem::Verbs(all, _), WireItem::Verbs(more, _))
                        | (WireItem::Answers(all, _), WireItem::Answers(more, _))
                        | (WireItem::Refusal(all, _), WireItem::Refusal(more, _)) => all.extend(more.iter().cloned()),
                        (WireItem::Patience(all, _), WireItem::Patience(more, _)) => all.extend(more.iter().cloned()),
                        _ => continue,
                    }
                    continue 'lines;
                }
            }
            added.push(line);
        }
        (!added.is_empty()).then_some(Item::Wire(added, span))
    }
}

/// Whether a client that spoke the one line of a wire would not be understood by a server of the other.
fn is_other(old: &WireItem, new: &WireItem) -> bool {
    let forms = |text: &StringText| -> Vec<(Option<Arc<str>>, bool)> {
        let part = |part: &StringPart| match part {
            StringPart::Literal(text, _) => (Some(text.clone()), false),
            StringPart::Value(Expr { kind: ExprKind::Path(path), .. }) => {
                (path.first().map(|name| name.text.clone()), true)
            }
            StringPart::Value(_) => (None, true),
        };
        text.parts.iter().map(part).collect()
    };
    match (old, new) {
        (WireItem::Lines { crlf, .. }, WireItem::Lines { crlf: now, .. }) => crlf != now,
        (
            WireItem::Reply { form, continued, blank, .. },
            WireItem::Reply { form: new_form, continued: new_continued, blank: now, .. },
        ) => {
            forms(form) != forms(new_form)
                || continued.as_ref().map(forms) != new_continued.as_ref().map(forms)
                || blank != now
        }
        _ => false,
    }
}

//! What serves every state: settings, `unexpected`, `limits`, and counters.
//!
//! Never: lowers what belongs to one state.

use std::time::Duration;

use diagnostic::{Diagnostic, Span, suggest};
use program::{Counter, Expr, Foreign, Limit, Limits, Pc, Setting, Type, Unexpected, Value};

use crate::{
    compile::{
        Compiler,
        expression::types_number,
        flow::Path,
        scope::{BodyKind, Scope},
    },
    rules,
    tree::{self, AnswerRule},
};

/// The answers to all that no handler takes.
pub(super) struct Service {
    pub(super) unexpected: Unexpected,
    pub(super) limits: Limits,
    pub(super) counters: Vec<Counter>,
}

const UNEXPECTED: [&str; 7] =
    ["out of order", "bad arguments", "unknown command", "cancelled", "bad answer", "jumped queue", "foreign"];
const LIMITS: [&str; 7] = ["line", "idle", "session", "shutdown", "full", "broken", "talking early"];

impl<'t> Compiler<'t> {
    /// Everything in `limits` that is none of its own words is a counter.
    pub(super) fn prepare_counters(&mut self) {
        for rule in &self.model.limits {
            let words = words(rule);
            if LIMITS.contains(&&*words) {
                continue;
            }
            let one = if let [name] = &rule.words[..] { Some(name) } else { None };
            let Some(name) = one.filter(|_| rule.amount.is_some()) else {
                let help = match diagnostic::nearest(&words, LIMITS) {
                    None if one.is_some() => format!("a counter needs a number:  {words} 3 -> ANSWER close"),
                    _ => suggest(&words, LIMITS),
                };
                self.findings.mend(
                    &rules::names::UNKNOWN_WORD,
                    rule.span,
                    format!("no limit is called `{words}`"),
                    help,
                );
                continue;
            };
            if self.counter(&name.text).is_none() {
                self.counters.push((name.text.clone(), rule));
            }
        }
        let names: Vec<_> = self.counters.iter().map(|(_, rule)| &rule.words[0]).collect();
        self.model.declare_counters(names);
    }

    /// The settings with their defaults. A default may use earlier settings and what the listener knows.
    pub(super) fn settings(&mut self) -> Vec<Setting> {
        let mut settings = Vec::new();
        for place in 0..self.model.settings.len() {
            let (def, ty) = (self.model.settings[place].def, self.model.settings[place].ty.clone());
            let Some(ty) = ty else { continue };
            let scope = Scope::new(BodyKind::Expression, None, 0);
            self.settings_before = Some(place);
            let default = def.default.as_ref().map(|default| self.expr_of(&scope, &Path::new(), default, &ty));
            settings.push(Setting { name: def.name.text.clone(), ty, default });
        }
        self.settings_before = None;
        settings
    }

    /// Looks at the defaults once, for their findings.
    pub(super) fn check_settings(&mut self) {
        self.settings();
        self.attributes();
    }

    /// Lowers `unexpected` and `limits`. Nothing when one of the answers is missing, which is told.
    pub(super) fn lower_service(&mut self, whole: bool) -> Option<Service> {
        self.check_settings();
        self.check_words(whole);
        let unexpected = self.unexpected(whole);
        let limits = self.limits(whole);
        self.tell_missing_answers();
        let counters = self.lower_counters();
        self.check_cuts();
        Some(Service { unexpected: unexpected?, limits: limits?, counters })
    }

    /// Words that nothing answers to, and words that are answered twice.
    fn check_words(&mut self, whole: bool) {
        let _ = whole;
        let mut seen: Vec<(String, Span)> = Vec::new();
        let unexpected = self.model.unexpected.clone();
        for rule in &unexpected {
            let words = words(rule);
            if !UNEXPECTED.contains(&&*words) {
                let help = suggest(&words, UNEXPECTED);
                let message = format!("nothing unexpected is called `{words}`");
                self.findings.mend(&rules::names::UNKNOWN_WORD, rule.span, message, help);
            }
            if let Some(amount) = &rule.amount {
                self.findings.mend(&rules::wire::LIMIT_AMOUNT, amount.span, "no number belongs here", "take it away");
            }
            if let (Some(verb), true) = (rule.verbs.first(), words != "foreign") {
                let message = format!("`{words}` names no verbs");
                self.findings.mend(&rules::wire::FOREIGN, verb.span, message, "take the text away");
            }
        }
        for rule in unexpected.iter().chain(&self.model.limits.clone()) {
            let words = words(rule);
            if let Some((_, first)) = seen.iter().find(|(other, _)| *other == words) {
                self.findings.add(
                    Diagnostic::new(&rules::wire::TWICE, rule.span, format!("`{words}` is answered twice"))
                        .other(*first, "here first")
                        .help("take one away"),
                );
            }
            seen.push((words, rule.span));
        }
    }

    fn unexpected(&mut self, whole: bool) -> Option<Unexpected> {
        let lock_step = self.model.wire.lock_step().then_some(self.whole);
        let jumps = self.commands.iter().find_map(|command| command.def.alone).or(lock_step);
        let (prompts, cancel) = (self.lowered.prompts, self.model.wire.cancel.map(|name| name.span));
        let bad_arguments = self.answered("bad arguments", None, whole);
        let claimed = self.every_line_is_claimed();
        let out_of_order = match claimed {
            true => self.answered_if("out of order", None, whole).or(bad_arguments),
            false => self.answered("out of order", None, whole),
        };
        let unknown_command = match claimed || self.model.request.is_some() {
            true => self.answered_if("unknown command", None, whole).or(out_of_order),
            false => self.answered("unknown command", None, whole),
        };
        let cancelled = self.answered_if("cancelled", cancel.and(prompts).and(cancel), whole);
        let bad_answer = self.answered_if("bad answer", prompts, whole);
        let jumped_queue = self.answered_if("jumped queue", jumps, whole);
        let foreign = self.foreign();
        Some(Unexpected {
            out_of_order: out_of_order?,
            bad_arguments: bad_arguments?,
            unknown_command: unknown_command?,
            cancelled,
            bad_answer,
            jumped_queue,
            foreign,
        })
    }

    /// What is said to lines of other protocols, if anything is.
    fn foreign(&mut self) -> Option<Foreign> {
        let rule = self.model.unexpected.iter().copied().find(|rule| words(rule) == "foreign")?;
        if self.model.request.is_some() {
            self.findings.mend(
                &rules::unused::UNUSED,
                rule.span,
                "`foreign` can never happen here",
                "requests have no verbs: take it away",
            );
        }
        if rule.verbs.is_empty() {
            self.findings.mend(
                &rules::wire::FOREIGN,
                rule.span,
                "nothing says what is foreign",
                "write the words that such lines begin with:  foreign \"WORD\" \"WORD\" -> ANSWER close",
            );
        }
        for (place, verb) in rule.verbs.iter().enumerate() {
            let own = self.verbs.iter().find(|own| self.model.wire.is_alike(&own.text, &verb.text));
            let fault = if verb.text.is_empty() || verb.text.len() > WORD_MOST || !verb.text.bytes().all(is_plain) {
                Some((
                    "this is no word that a line begins with",
                    "write one word of visible ASCII, 64 octets at the most",
                ))
            } else if own.is_some() && self.model.wire.tag_type().is_none() {
                Some(("this is a verb of the protocol itself", "take it away, or the command that begins so"))
            } else if rule.verbs[..place].iter().any(|other| self.model.wire.is_alike(&other.text, &verb.text)) {
                Some(("this word is there already", "take one away"))
            } else {
                None
            };
            if let Some((message, help)) = fault {
                self.findings.mend(&rules::wire::FOREIGN, verb.span, message, help);
            }
        }
        let code = self.outside(rule);
        Some(Foreign { verbs: rule.verbs.iter().map(|verb| verb.text.clone()).collect(), code })
    }

    /// Whether each state that has commands has one whose template begins with no literal, and that has no guard.
    fn every_line_is_claimed(&self) -> bool {
        let claims = |place: usize| {
            let mut here = self.lowered.stands.iter().filter(|stand| usize::from(stand.state.0) == place).peekable();
            here.peek().is_none()
                || here.any(|stand| stand.guard.is_none() && self.commands[stand.command].form.claim().is_empty())
        };
        self.model.request.is_none() && !self.lowered.stands.is_empty() && (0..self.model.states.len()).all(claims)
    }

    /// The code of an answer that must be there.
    fn answered(&mut self, name: &'static str, because: Option<Span>, whole: bool) -> Option<Pc> {
        let rules = self.model.unexpected.iter().chain(&self.model.limits);
        let Some(rule) = rules.copied().find(|rule| words(rule) == name) else {
            if whole {
                self.lowered.unanswered.push((name, because));
            }
            return None;
        };
        Some(self.outside(rule))
    }

    /// The code of an answer that is needed only because of something.
    fn answered_if(&mut self, name: &'static str, because: Option<Span>, whole: bool) -> Option<Pc> {
        if because.is_some() {
            return self.answered(name, because, whole);
        }
        let rule = self.model.unexpected.iter().copied().find(|rule| words(rule) == name)?;
        self.findings.mend(
            &rules::unused::UNUSED,
            rule.span,
            format!("`{name}` can never happen here"),
            match name {
                "cancelled" => "there is no  prompt  with a  cancel  in  wire { … }",
                "bad answer" => "there is no  prompt",
                "unknown command" if self.model.request.is_some() => {
                    "requests have no verbs: what no command takes is  out of order"
                }
                "unknown command" | "out of order" => {
                    "a command claims every line: what does not fit is  bad arguments"
                }
                _ => "no command is  alone",
            },
        );
        Some(self.outside(rule))
    }

    /// Tells what has no answer: each by itself, or all of a block at once where the block is not there at all.
    fn tell_missing_answers(&mut self) {
        let missing = std::mem::take(&mut self.lowered.unanswered);
        let written = |rules: &[&AnswerRule]| rules.first().map(|rule| rule.span);
        let rooms = [("unexpected", written(&self.model.unexpected)), ("limits", written(&self.model.limits))];
        for (room, written) in rooms {
            let place = written.unwrap_or(self.whole);
            let here = missing.iter().filter(|(name, _)| UNEXPECTED.contains(name) == (room == "unexpected"));
            let (needed, caused): (Vec<_>, Vec<_>) = here.partition(|(_, because)| because.is_none());
            match &needed[..] {
                [others @ .., (last, _)] if written.is_none() && !others.is_empty() => {
                    let lines: Vec<String> = needed.iter().map(|(name, _)| line_of(name)).collect();
                    let others: Vec<String> = others.iter().map(|(name, _)| format!("`{name}`")).collect();
                    let message = format!("nothing says what is answered to {} and `{last}`", others.join(", "));
                    let finding = Diagnostic::new(&rules::wire::ANSWER_MISSING, place, message);
                    self.findings.add_beside(finding.help(format!("write  {room} {{ {} }}", lines.join("  "))), room);
                }
                _ => needed.iter().for_each(|missing| self.tell_missing_answer(room, place, missing)),
            }
            caused.iter().for_each(|missing| self.tell_missing_answer(room, place, missing));
        }
    }

    fn tell_missing_answer(&mut self, room: &str, place: Span, (name, because): &(&'static str, Option<Span>)) {
        let message = format!("nothing says what is answered to `{name}`");
        let mut finding = Diagnostic::new(&rules::wire::ANSWER_MISSING, place, message)
            .help(format!("write  {}  in  {room} {{ … }}", line_of(name)));
        if let Some(because) = because {
            finding = finding.other(*because, "because of this");
        }
        self.findings.add_beside(finding, name);
    }

    fn limits(&mut self, whole: bool) -> Option<Limits> {
        let line = self.answered("line", None, whole);
        let idle = self.limit("idle", whole);
        let session = self.limit("session", whole);
        let shutdown = self.answered("shutdown", None, whole);
        let full = self.answered("full", None, whole);
        let broken = self.answered("broken", None, whole);
        let early = self.model.limits.iter().any(|rule| words(rule) == "talking early");
        let early = if early { self.limit("talking early", whole) } else { None };
        Some(Limits {
            line: line?,
            idle: idle?,
            session: session?,
            shutdown: shutdown?,
            full: full?,
            broken: broken?,
            early,
        })
    }

    /// A limit in time.
    fn limit(&mut self, name: &'static str, whole: bool) -> Option<Limit> {
        let code = self.answered(name, None, whole)?;
        let rule = self.model.limits.iter().copied().find(|rule| words(rule) == name)?;
        let Some(amount) = &rule.amount else {
            self.findings.mend(
                &rules::wire::LIMIT_AMOUNT,
                rule.span,
                format!("`{name}` needs a time"),
                format!("write  {name} 5 minutes -> …"),
            );
            return None;
        };
        let scope = Scope::new(BodyKind::Expression, None, 0);
        let after = self.expr_of(&scope, &Path::new(), amount, &Type::Duration);
        self.check_shortest(name, &after, amount.span);
        Some(Limit { after, code })
    }

    /// A limit that is over at once would be answered over and over, or end every session. What a listener sets is
    /// looked at when it is bound.
    fn check_shortest(&mut self, name: &str, after: &Expr, span: Span) {
        let is_setting = !matches!(after, Expr::Constant(_));
        let least = match name {
            "talking early" if is_setting => return,
            "talking early" => 1,
            _ => 1000,
        };
        if self.known_time(after).is_some_and(|time| time < Duration::from_millis(least)) {
            self.findings.mend(
                &rules::wire::TOO_SHORT,
                span,
                format!("`{name}` is over as soon as it begins"),
                "write a second or more",
            );
        }
    }

    /// A time, as far as it is known without a configuration.
    fn known_time(&self, expr: &Expr) -> Option<Duration> {
        expr.time(&|id| match &self.model.settings[usize::from(id.0)].def.default.as_ref()?.kind {
            tree::ExprKind::Duration(milliseconds) => Some(Duration::from_millis(*milliseconds)),
            _ => None,
        })
    }

    fn lower_counters(&mut self) -> Vec<Counter> {
        let counters = self.counters.clone();
        let mut lowered = Vec::new();
        for (name, rule) in counters {
            let scope = Scope::new(BodyKind::Expression, None, 0);
            let most = match &rule.amount {
                Some(amount) => self.expr_of(&scope, &Path::new(), amount, &types_number()),
                None => Expr::Constant(Value::Number(1)),
            };
            let code = self.outside(rule);
            lowered.push(Counter { name, most, code });
        }
        lowered
    }

    /// Lowers a body that runs in every state.
    fn outside(&mut self, rule: &AnswerRule) -> Pc {
        let mut scope = Scope::new(BodyKind::Outside, None, self.types.facts.len());
        let words = words(rule);
        scope.rule = Some(words.as_str().into());
        let entry = self.here();
        if self.block(&mut scope, Path::new(), &rule.body).is_some() {
            self.tell_no_ending(rule.body.span);
        }
        self.shared_routines(&mut scope);
        if let (Some(stays), "talking early") = (scope.stays, &*words) {
            self.findings.mend(
                &rules::states::NEVER_ENTERED,
                stays,
                "the session would go on without its greeting",
                "end it with  close",
            );
        }
        if let (Some(stays), "foreign") = (scope.stays, &*words) {
            self.findings.mend(
                &rules::wire::FOREIGN_STAYS,
                stays,
                "the session would go on with another protocol",
                "end it with  close",
            );
        }
        self.lowered.slots = self.lowered.slots.max(scope.next);
        entry
    }
}

/// The most octets of a word that foreign lines begin with.
const WORD_MOST: usize = 64;

fn is_plain(octet: u8) -> bool {
    octet.is_ascii_graphic()
}

/// A line of `unexpected` or `limits` as it may be written.
fn line_of(name: &str) -> String {
    let amount = match name {
        "idle" => " 5 minutes",
        "session" => " 2 hours",
        _ => "",
    };
    format!("{name}{amount} -> ANSWER")
}

/// The words of a line of `unexpected` or `limits`.
pub(super) fn words(rule: &AnswerRule) -> String {
    rule.words.iter().map(|name| &*name.text).collect::<Vec<_>>().join(" ")
}

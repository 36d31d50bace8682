//! Answers: their lines in the form of the wire, what they offer, and what they carry.
//!
//! Never: keeps a list of what is offered; each line is tried against the commands of the state that it leads to.

use std::{collections::BTreeMap, sync::Arc};

use grammar::tree::{
    Answer, AnswerLine, Expr, ExprKind, LineCondition, Name, Statement, StatementKind, StringPart, StringText, Tail,
};

use super::{
    expression::{Names, Sight},
    session::{Frame, Session},
    value::{Fault, Value},
};

/// Which form of the wire an answer takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Reply,
    Say,
    Prompt,
}

/// Where a body leads.
enum Ending {
    Goto(Name, Vec<(Name, Expr)>, Vec<Name>),
    Stay(Vec<(Name, Expr)>),
    Elsewhere,
}

impl Session {
    /// Gives an answer, with all that it carries.
    pub(super) fn say(&mut self, answer: &Answer, role: Role) -> Result<(), Fault> {
        self.watch_reply(answer);
        let end = self.protocol.lines().0;
        let texts = if answer.lines.is_empty() {
            vec![None]
        } else {
            self.texts(&answer.lines)?.into_iter().map(Some).collect()
        };
        if texts.is_empty() {
            return Err(Fault::new("an answer has no line"));
        }
        let last = texts.len() - 1;
        let mut said = String::new();
        for (place, text) in texts.iter().enumerate() {
            let line = self.line(answer, role, text.as_deref(), place == last);
            said.push_str(&shortened(&line, end, self.protocol.reply_most()));
            said.push_str(end);
        }
        self.send(said.into_bytes());
        match answer.tail.as_deref() {
            None => Ok(()),
            Some(Tail::Octets(run)) => self.say_octets(run),
            Some(tail) => self.say_listing(tail),
        }
    }

    /// One line in the form of the wire.
    fn line(&self, answer: &Answer, role: Role, text: Option<&str>, last: bool) -> String {
        let protocol = &self.protocol;
        let end = protocol.lines().0;
        let reply = protocol.reply_form();
        let own = match role {
            Role::Say => protocol.say_form(),
            Role::Prompt => protocol.prompt_form(),
            Role::Reply => None,
        };
        let (form, blank) = match (own, reply) {
            (Some(form), _) => (Some(form), false),
            (None, Some((_, Some(continued), _))) if role == Role::Reply && !last => (Some(continued), false),
            (None, Some((form, _, blank))) => (Some(form), blank),
            (None, None) => (None, false),
        };
        let text = match (&answer.enhanced, text) {
            (None, text) => text.map(str::to_owned),
            (Some(code), None) => Some(code.text.to_string()),
            (Some(code), Some(text)) => Some(format!("{} {text}", code.text)),
        };
        let Some(form) = form else { return text.unwrap_or_default() };
        let mut line = String::new();
        for part in &form.parts {
            match part {
                StringPart::Literal(literal, _) => line.push_str(literal),
                StringPart::Value(Expr { kind: ExprKind::Path(path), .. }) => match &*path[0].text {
                    "code" | "status" | "word" => {
                        line.push_str(answer.status.as_ref().map_or("", |status| &status.text))
                    }
                    "text" => match &text {
                        Some(text) => line.push_str(text),
                        // Where there is no text, the blank before it is not there either.
                        None if line.ends_with(' ') => drop(line.pop()),
                        None => {}
                    },
                    _ => {
                        let missing = protocol.tag().map_or("", |(_, _, missing)| missing);
                        self.repeats.set(true);
                        line.push_str(self.said.tag.as_deref().unwrap_or(missing));
                    }
                },
                StringPart::Value(_) => {}
            }
        }
        if blank {
            line.push_str(end);
        }
        line
    }

    /// The texts of the lines that are there.
    fn texts(&self, lines: &[AnswerLine]) -> Result<Vec<String>, Fault> {
        let mut texts = Vec::new();
        for line in self.protocol.answer_lines(lines) {
            if let AnswerLine::Text { text, when } = line
                && let Some(text) = self.offered(text, when, true)?
            {
                texts.push(text);
            }
        }
        Ok(texts)
    }

    /// The text of a line, or of a word of one, if it is there.
    fn offered(&self, text: &StringText, when: &LineCondition, by_words: bool) -> Result<Option<String>, Fault> {
        match when {
            LineCondition::Always => self.with_offers(text).map(Some),
            LineCondition::If(condition) => match self.sight().holds(condition)? {
                true => self.with_offers(text).map(Some),
                false => Ok(None),
            },
            LineCondition::Accepted(_) => {
                let first = if let Some(StringPart::Literal(first, _)) = text.parts.first() { &**first } else { "" };
                let mut words = first.split(' ').filter(|word| !word.is_empty());
                let verb = words.next().unwrap_or_default();
                let words: Vec<&str> = if text.parts.len() == 1 && by_words { words.collect() } else { Vec::new() };
                if words.is_empty() {
                    return if self.accepted(verb)? { self.sight().text(text).map(Some) } else { Ok(None) };
                }
                let mut line = verb.to_owned();
                for word in words {
                    if self.accepted(&format!("{verb} {word}"))? {
                        line = format!("{line} {word}");
                    }
                }
                Ok((line != verb).then_some(line))
            }
        }
    }

    /// A text in which the name of a set of offers is its lines, one blank between them.
    fn with_offers(&self, text: &StringText) -> Result<String, Fault> {
        let mut printed = String::new();
        for part in &text.parts {
            let def = match part {
                StringPart::Value(Expr { kind: ExprKind::Path(path), .. }) if path.len() == 1 => {
                    self.protocol.offers(&path[0].text).filter(|_| !self.is_known(&path[0].text))
                }
                _ => None,
            };
            match def {
                None => {
                    let part = StringText { parts: vec![part.clone()], span: text.span };
                    printed.push_str(&self.sight().text(&part)?);
                }
                Some(def) => {
                    let mut words = Vec::new();
                    for line in &def.lines {
                        if let AnswerLine::Text { text, when } = line {
                            words.extend(self.offered(text, when, false)?);
                        }
                    }
                    printed.push_str(&words.join(" "));
                }
            }
        }
        Ok(printed)
    }

    /// Whether a name is that of a value here.
    fn is_known(&self, name: &str) -> bool {
        let has = |names: &[(String, Value)]| names.iter().any(|(known, _)| known == name);
        has(&self.names.locals) || has(&self.names.holes) || self.protocol.knows_fact(name)
    }

    /// Whether a line would be accepted in the state that this answer leads to.
    fn accepted(&self, line: &str) -> Result<bool, Fault> {
        let rest = self.work.iter().rev().filter_map(|frame| match frame {
            Frame::Block { rest, .. } => Some(rest.iter()),
            Frame::Each { .. } => None,
        });
        let ending = rest.flatten().find_map(|statement| self.ending(statement));
        let mut facts = self.facts.clone();
        let mut state = self.state.clone();
        let sight = Sight { told: None, ..self.sight() };
        let give = |facts: &mut BTreeMap<String, Value>, with: &[(Name, Expr)]| {
            for (name, expr) in with {
                facts.insert(name.text.to_string(), sight.value(expr).unwrap_or_default());
            }
        };
        match ending {
            Some(Ending::Stay(with)) => give(&mut facts, &with),
            Some(Ending::Goto(target, with, without)) => {
                state = target.text.to_string();
                facts.retain(|name, _| self.protocol.has_fact(&state, name));
                facts.retain(|name, _| without.iter().all(|dropped| *dropped.text != **name));
                give(&mut facts, &with);
            }
            Some(Ending::Elsewhere) => return Ok(false),
            None => {}
        }
        facts.retain(|_, value| !value.is_absent());
        let names = Names::default();
        let there = Sight { state: &state, facts: &facts, names: &names, ..self.sight() };
        let here = self.protocol.commands_of(&state).iter();
        let mut claimants: Vec<_> = here.filter(|command| self.protocol.offered_to(command, line)).collect();
        claimants.sort_by_key(|command| std::cmp::Reverse(command.template.claim().len()));
        for command in claimants {
            if self.tls.is_some() && self.protocol.begins_tls_unasked(&command.def) {
                continue;
            }
            if command.def.guard.as_ref().map_or(Ok(true), |guard| there.holds(guard))? {
                let mut seen: Vec<Arc<str>> = Vec::new();
                return Ok(self.protocol.accepts(&command.def.body, &mut seen));
            }
        }
        Ok(false)
    }

    /// Where a statement leads, if it leads anywhere.
    fn ending(&self, statement: &Statement) -> Option<Ending> {
        match &statement.kind {
            StatementKind::Goto { state, with, without } => {
                Some(Ending::Goto(state.clone(), with.clone(), without.clone()))
            }
            StatementKind::Stay(with) => Some(Ending::Stay(with.clone())),
            StatementKind::Close | StatementKind::StartTls(_) => Some(Ending::Elsewhere),
            StatementKind::Run(name) => {
                self.protocol.routine(&name.text)?.body.statements.iter().find_map(|statement| self.ending(statement))
            }
            // What is behind `else` answers, so this answer is not on its way.
            StatementKind::Require(..) | StatementKind::Find(_) => None,
            _ => statement
                .blocks()
                .into_iter()
                .flat_map(|block| &block.statements)
                .find_map(|statement| self.ending(statement)),
        }
    }

    /// Payloads octet by octet, each with a text and the line's end behind it.
    fn say_octets(&mut self, run: &[(Expr, Option<StringText>, diagnostic::Span)]) -> Result<(), Fault> {
        let end = self.protocol.lines().0;
        for (payload, behind, _) in run {
            let octets = self.payload(payload)?;
            self.send(octets);
            let text = behind.as_ref().map_or(Ok(String::new()), |text| self.sight().text(text))?;
            self.send(format!("{text}{end}").into_bytes());
        }
        Ok(())
    }

    fn say_listing(&mut self, tail: &Tail) -> Result<(), Fault> {
        let (end, dotted) = (self.protocol.lines().0, self.protocol.dotted());
        let lines: Vec<Vec<u8>> = match tail {
            Tail::Lines(lines, _) => self.texts(lines)?.into_iter().map(String::into_bytes).collect(),
            Tail::Of(expr) => match &expr.kind {
                ExprKind::Path(path) if path.len() == 1 && self.protocol.offers(&path[0].text).is_some() => {
                    self.texts(&[AnswerLine::Each(path[0].clone())])?.into_iter().map(String::into_bytes).collect()
                }
                _ => lines_of(&self.payload(expr)?, end),
            },
            Tail::Each { item, list, only, text, .. } => self.each_listed(item, list, only.as_ref(), text)?,
            Tail::Octets(_) => Vec::new(),
        };
        let mut said = Vec::new();
        for line in lines {
            if dotted && line.first() == Some(&b'.') {
                said.push(b'.');
            }
            said.extend(line);
            said.extend(end.as_bytes());
        }
        if dotted {
            said.extend(format!(".{end}").into_bytes());
        }
        self.send(said);
        Ok(())
    }

    fn each_listed(
        &mut self,
        item: &Name,
        list: &Expr,
        only: Option<&Expr>,
        text: &StringText,
    ) -> Result<Vec<Vec<u8>>, Fault> {
        let list = match self.sight().there(list)? {
            Value::List(list) => list,
            Value::Absent => Vec::new(),
            other => return Err(Fault(format!("{other:?} is no list"))),
        };
        let mut lines = Vec::new();
        for element in list {
            self.names.locals.push((item.text.to_string(), element));
            let fits = only.map_or(Ok(true), |only| self.sight().holds(only));
            let line = match fits {
                Ok(true) => self.sight().text(text).map(Some),
                Ok(false) => Ok(None),
                Err(fault) => Err(fault),
            };
            self.names.locals.pop();
            lines.extend(line?.map(String::into_bytes));
        }
        Ok(lines)
    }

    fn payload(&self, expr: &Expr) -> Result<Vec<u8>, Fault> {
        match self.sight().there(expr)? {
            Value::Octets(octets) => Ok(octets),
            Value::Absent => Ok(Vec::new()),
            other => Err(Fault(format!("{other:?} is no payload"))),
        }
    }
}

/// A line as long as it may be, counted with its end: the end of its text is left out, with the blanks before it. It may
/// have a blank line behind it.
fn shortened(line: &str, end: &str, most: Option<usize>) -> String {
    let (text, blank) = match line.strip_suffix(end) {
        Some(text) => (text, end),
        None => (line, ""),
    };
    let Some(most) = most.filter(|most| text.len() + end.len() > *most) else { return line.to_owned() };
    let mut kept = String::new();
    for character in text.chars() {
        if kept.len() + character.len_utf8() + end.len() > most {
            break;
        }
        kept.push(character);
    }
    format!("{}{blank}", kept.trim_end_matches(' '))
}

/// The lines of a stored text, which may end them with a bare LF; an LF alone ends lines where the wire says so.
fn lines_of(text: &[u8], end: &str) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = text.split(|octet| *octet == b'\n').map(<[u8]>::to_vec).collect();
    let unended = lines.pop().unwrap_or_default();
    if end == "\r\n" {
        for line in &mut lines {
            if line.last() == Some(&b'\r') {
                line.pop();
            }
        }
    }
    if !unended.is_empty() {
        lines.push(unended);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::lines_of;

    #[test]
    fn a_stored_text_may_end_its_lines_with_either() {
        let check = |text: &str, wanted: &[&str]| {
            let wanted: Vec<Vec<u8>> = wanted.iter().map(|line| line.as_bytes().to_vec()).collect();
            assert_eq!(lines_of(text.as_bytes(), "\r\n"), wanted);
        };
        check("a\n.\n\nb", &["a", ".", "", "b"]);
        check("a\r\n", &["a"]);
        check("a\rb\r", &["a\rb\r"]);
        check("", &[]);
    }
}

//! Statements, carried out one by one.
//!
//! Never: looks ahead, but where an answer offers what the state behind it takes.

use std::collections::VecDeque;

use grammar::tree::{AskDef, Block, EachDef, Expr, FindDef, LetValue, Name, Statement, StatementKind, StringText};
use program::Level;

use super::{
    Seen,
    answer::Role,
    expression::Names,
    session::{Frame, Phase, Session, late},
    value::{Fault, Value},
};

impl Session {
    /// Carries out statements until the body waits or ends.
    pub(super) fn go_on(&mut self) {
        self.phase = Phase::Running;
        while matches!(self.phase, Phase::Running) {
            let Some(frame) = self.work.last_mut() else {
                self.left();
                return;
            };
            match frame {
                Frame::Block { rest, locals } => match rest.pop_front() {
                    None => {
                        let locals = *locals;
                        self.work.pop();
                        self.names.locals.truncate(locals);
                    }
                    Some(statement) => {
                        if let Err(fault) = self.statement(&statement) {
                            self.broken(&fault);
                            return;
                        }
                    }
                },
                Frame::Each { item, left, body, locals, .. } => {
                    let known = *locals;
                    self.names.locals.truncate(known);
                    match left.pop_front() {
                        None => {
                            if let Some(Frame::Each { owed: Some(owed), .. }) = self.work.pop() {
                                self.close_rounds(owed);
                            }
                        }
                        Some(element) => {
                            self.names.locals.push((item.clone(), element));
                            let rest: VecDeque<Statement> = body.statements.iter().cloned().collect();
                            self.work.push(Frame::Block { rest, locals: known });
                        }
                    }
                }
            }
        }
    }

    fn enter_block(&mut self, block: &grammar::tree::Block) {
        let rest = block.statements.iter().cloned().collect();
        self.work.push(Frame::Block { rest, locals: self.names.locals.len() });
    }

    fn statement(&mut self, statement: &Statement) -> Result<(), Fault> {
        match &statement.kind {
            StatementKind::Let(name, value) => self.bind(name, value)?,
            StatementKind::Require(condition, otherwise) => {
                if !self.sight().holds(condition)? {
                    self.enter_block(otherwise);
                }
            }
            StatementKind::If(condition, then, otherwise) => match (self.sight().holds(condition)?, otherwise) {
                (true, _) => self.enter_block(then),
                (false, Some(block)) => self.enter_block(block),
                (false, None) => {}
            },
            StatementKind::Ask(ask) => self.ask(ask)?,
            StatementKind::Say(answer) => self.say(answer, Role::Say)?,
            StatementKind::Reply(answer) => {
                self.count_answer();
                self.say(answer, Role::Reply)?;
                if answer.status.as_ref().is_some_and(|status| self.protocol.refuses(&status.text)) {
                    self.unheeding = Some(self.heard);
                }
            }
            StatementKind::Silent => self.count_answer(),
            StatementKind::Receive { into, most, outcomes } => self.receive(into, most, outcomes)?,
            StatementKind::Add(value, to, otherwise) => self.add(value, to, otherwise.as_ref())?,
            StatementKind::Remove(value, from) => self.remove(value, from)?,
            StatementKind::Find(find) => self.find(find)?,
            StatementKind::Count { name, per_flight } => self.count(name, *per_flight)?,
            StatementKind::Log(level, text) => {
                let level = match &*level.text {
                    "debug" => Level::Debug,
                    "info" => Level::Info,
                    "warning" => Level::Warning,
                    _ => Level::Error,
                };
                let line = self.sight().text(text)?;
                self.log(level, line);
            }
            StatementKind::Pause(time) => self.pause(time)?,
            StatementKind::ForEach(each) => self.for_each(each)?,
            StatementKind::Prepend { header, lines, to } => self.prepend(header, lines, to)?,
            StatementKind::StartTls(state) => self.start_tls(state),
            StatementKind::Goto { state, with, without } => self.goto(state, with, without)?,
            StatementKind::Stay(with) => self.stay(with)?,
            StatementKind::Close => self.close_by_body(),
            StatementKind::Run(name) => self.run_routine(name)?,
            StatementKind::Connect { .. }
            | StatementKind::Await(_)
            | StatementKind::Send(_)
            | StatementKind::SendLines(_)
            | StatementKind::Secure { .. }
            | StatementKind::Give(..)
            | StatementKind::Broken => return Err(Fault::new("only a client can do that")),
        }
        Ok(())
    }

    fn bind(&mut self, name: &Name, value: &LetValue) -> Result<(), Fault> {
        match value {
            LetValue::Value(expr, otherwise) => match (self.sight().value(expr)?, otherwise) {
                (Value::Absent, Some(otherwise)) => self.bind(name, otherwise)?,
                (value, _) => self.names.locals.push((name.text.to_string(), value)),
            },
            LetValue::Prompt { answer, ty, .. } => {
                self.say(answer, Role::Prompt)?;
                self.listen(Phase::Prompting { name: name.text.to_string(), ty: ty.clone() });
            }
        }
        Ok(())
    }

    /// The routine goes on in the place of this body; it sees none of its names, and the facts that it needs.
    fn run_routine(&mut self, name: &Name) -> Result<(), Fault> {
        let def = self.protocol.routine(&name.text).cloned();
        let def = def.ok_or_else(|| Fault(format!("no routine is called `{}`", name.text)))?;
        let needs = def.needs.iter().map(|(fact, _)| fact.text.to_string()).collect();
        self.names = Names { needs: Some(needs), outside: self.names.outside, ..Names::default() };
        self.work.clear();
        self.enter_block(&def.body);
        Ok(())
    }

    fn ask(&mut self, ask: &AskDef) -> Result<(), Fault> {
        let limit = ask.within.as_ref().ok_or_else(|| Fault::new("nothing says how long a look-up may take"))?;
        let mut within = self.sight().duration(limit)?;
        for frame in &self.work {
            if let Frame::Each { until: Some(until), .. } = frame {
                within = within.min(until.saturating_sub(self.now.elapsed));
            }
        }
        self.watch_ask(&ask.name.text);
        if let Some(using) = &ask.using {
            self.watch_ask(&using.text);
        }
        if within.is_zero() {
            self.phase = Phase::Asking { ask: Box::new(ask.clone()), within, until: self.now.elapsed };
            self.answered("failed", vec![late(within)]);
            return Ok(());
        }
        let mut arguments = Vec::new();
        let types = self.protocol.parameters(&ask.name.text);
        let defaults = self.protocol.defaults(&ask.name.text);
        for place in 0..ask.arguments.len().max(defaults.len()) {
            let expr = ask.arguments.get(place).or_else(|| defaults.get(place).and_then(Option::as_ref));
            let Some(expr) = expr else { continue };
            let ty = types.get(place).cloned().flatten();
            let value = match &ty {
                Some(ty) if ty.is_optional() => self.sight().value(expr)?,
                _ => self.sight().there(expr)?,
            };
            arguments.push(ty.map_or_else(|| value.clone(), |ty| ty.fitted(value.clone())));
        }
        self.out.push(Seen::Asked {
            name: ask.name.text.to_string(),
            arguments,
            using: ask.using.as_ref().map(|name| name.text.to_string()),
            within,
        });
        let until = self.now.elapsed.saturating_add(within);
        self.phase = Phase::Asking { ask: Box::new(ask.clone()), within, until };
        Ok(())
    }

    /// The call that is out is answered.
    pub(super) fn answered(&mut self, name: &str, values: Vec<Value>) {
        let Phase::Asking { ask, .. } = &self.phase else { return };
        let (asked, outcomes) = (ask.name.text.to_string(), ask.outcomes.clone());
        self.watch.answered.push((asked, name.to_owned()));
        self.outcome(&outcomes, name, values);
    }

    /// Begins a loop over a snapshot of a list.
    fn for_each(&mut self, each: &EachDef) -> Result<(), Fault> {
        let list = match self.sight().there(&each.list)? {
            Value::List(list) => list,
            Value::Absent => Vec::new(),
            other => return Err(Fault(format!("a loop runs over {other:?}"))),
        };
        let within = each.within.as_ref().map(|within| self.sight().duration(within)).transpose()?;
        self.work.push(Frame::Each {
            item: each.item.text.to_string(),
            owed: each.answers.then_some(list.len()),
            left: list.into(),
            body: each.body.clone(),
            locals: self.names.locals.len(),
            until: within.map(|within| self.now.elapsed.saturating_add(within)),
        });
        Ok(())
    }

    fn find(&mut self, find: &FindDef) -> Result<(), Fault> {
        let list = match self.sight().there(&find.list)? {
            Value::List(list) => list,
            Value::Absent => Vec::new(),
            other => return Err(Fault(format!("{other:?} is no list"))),
        };
        let name = find.item.text.to_string();
        for element in list {
            self.names.locals.push((name.clone(), element));
            if self.sight().holds(&find.only)? {
                return Ok(());
            }
            self.names.locals.pop();
        }
        match &find.otherwise {
            Some(block) => self.enter_block(block),
            None => self.names.locals.push((name, Value::Absent)),
        }
        Ok(())
    }

    /// One more; the hit that reaches the limit goes on with its answer, in the place of the rest of the body.
    fn count(&mut self, name: &Name, per_flight: bool) -> Result<(), Fault> {
        let protocol = self.protocol.clone();
        let rule = protocol.counter(&name.text).ok_or_else(|| Fault(format!("nothing limits `{}`", name.text)))?;
        let most = rule.amount.as_ref().map_or(Ok(1), |most| self.sight().number(most))?;
        if per_flight {
            // What had come before a refusal went out was sent by one who could not know of it.
            let read = self.heard - self.unread.len();
            if self.unheeding.is_some_and(|unheeding| read <= unheeding) {
                return Ok(());
            }
            self.unheeding = Some(self.heard);
        }
        let hits = self.counters.entry(name.text.to_string()).or_default();
        *hits += 1;
        // A limit answers at most once for a line.
        if *hits >= most && !self.limited.contains(&name.text) {
            self.limited.push(name.text.clone());
            self.run_outside(&rule.body);
        }
        Ok(())
    }

    /// Waits, but no longer than the session may last, and not at all when it ends.
    fn pause(&mut self, time: &Expr) -> Result<(), Fault> {
        let time = self.sight().duration(time)?;
        let mut until = self.now.elapsed.saturating_add(time);
        if !self.expired {
            until = until.min(self.session_end()?);
        }
        if self.ending.is_none() && until > self.now.elapsed {
            self.phase = Phase::Pausing { until };
        }
        Ok(())
    }

    fn prepend(&mut self, header: &Name, lines: &[StringText], to: &[Name]) -> Result<(), Fault> {
        let lines = lines.iter().map(|line| self.sight().text(line)).collect::<Result<Vec<_>, _>>()?;
        let field = format!("{}: {}", header.text, lines.join("\r\n\t"));
        match self.place(to)? {
            Value::Record(record) => {
                record.headers.insert(0, field);
                Ok(())
            }
            _ => Err(Fault::new("there is no record to prepend to")),
        }
    }

    /// Appends to a list or a payload. Where there is no room, what stands behind `else` runs, or `full` in the place of
    /// the rest of the body.
    fn add(&mut self, value: &Expr, to: &[Name], otherwise: Option<&Block>) -> Result<(), Fault> {
        let value = self.sight().there(value)?;
        let most = self.bound_of(to)?;
        let grown = match (self.place(to)?, &value) {
            (Value::List(list), _) => list.len() + 1,
            (Value::Octets(octets), Value::Octets(more)) => octets.len() + more.len(),
            (Value::Absent, Value::Octets(more)) => more.len(),
            _ => 1,
        };
        let has_room = most.is_none_or(|most| grown as u64 <= most);
        if let (Some(block), false) = (otherwise, has_room) {
            self.enter_block(block);
            return Ok(());
        }
        self.watch_add(to);
        if !has_room {
            self.run_limit("full");
            return Ok(());
        }
        match (self.place(to)?, value) {
            (Value::List(list), value) => list.push(value),
            (Value::Octets(octets), Value::Octets(more)) => octets.extend(more),
            (place @ Value::Absent, value @ Value::Octets(_)) => *place = value,
            (place @ Value::Absent, value) => *place = Value::List(vec![value]),
            (place, _) => return Err(Fault(format!("nothing can be added to {place:?}"))),
        }
        Ok(())
    }

    /// The bound that the record declares for what is added to.
    fn bound_of(&self, to: &[Name]) -> Result<Option<u64>, Fault> {
        let (Some((field, record)), true) = (to.split_last(), to.len() > 1) else { return Ok(None) };
        let Value::Record(record) = self.sight().path(record)? else { return Ok(None) };
        self.protocol.bound(&record.name, &field.text).map(|most| self.sight().number(most)).transpose()
    }

    /// Removes every element that equals the value.
    fn remove(&mut self, written: &Expr, from: &[Name]) -> Result<(), Fault> {
        let value = self.sight().there(written)?;
        let Value::List(list) = self.place(from)?.clone() else { return Ok(()) };
        let mut kept = Vec::new();
        for element in list {
            if !self.sight().equals(&element, written, &value)? {
                kept.push(element);
            }
        }
        self.put(from, Value::List(kept))
    }

    /// Changes what is there.
    pub(super) fn put(&mut self, to: &[Name], value: Value) -> Result<(), Fault> {
        *self.place(to)? = value;
        Ok(())
    }

    /// What can be changed by that name: a fact or a local, or a field of a record in one.
    fn place(&mut self, names: &[Name]) -> Result<&mut Value, Fault> {
        let first = &*names[0].text;
        let local = self.names.locals.iter().rposition(|(name, _)| name == first);
        let mut value = match local {
            Some(place) => &mut self.names.locals[place].1,
            None if self.protocol.has_fact(&self.state, first) => self.facts.entry(first.to_owned()).or_default(),
            None => return Err(Fault(format!("`{first}` cannot be changed"))),
        };
        for name in &names[1..] {
            value = match value {
                Value::Record(record) => match record.fields.iter_mut().find(|(field, _)| **field == *name.text) {
                    Some((_, value)) => value,
                    None => return Err(Fault(format!("a record has no part `{}`", name.text))),
                },
                _ => return Err(Fault::new("there is no record to change")),
            };
        }
        Ok(value)
    }
}

//! Commands: from a line, or from a request, to the body that is carried out.
//!
//! Never: carries out a command whose payload is still to come.

use grammar::tree::RequestDef;

use super::{
    Seen,
    expression::{Names, Said},
    payload::Counted,
    protocol::{Command, verb_of},
    session::{Phase, Session},
    types::{Sign, field_name, octets, signs},
    value::{Fault, Record, Value, readable},
};

/// What is to be done with a line.
#[derive(Debug, Clone)]
pub(super) enum Verdict {
    /// A command takes it, its holes filled.
    Taken(Box<Command>, Vec<(String, Value)>),
    /// A command claims it, and its holes do not fit.
    Misfit(Box<Command>),
    /// It is a request that cannot be read.
    Malformed,
    /// Its verb is known, and no command takes it here.
    OutOfOrder,
    /// Its verb is not known.
    Unknown,
    /// It is longer than its bound.
    TooLong,
    /// It is a line of another protocol.
    Foreign,
}

/// What was cut off the unread octets.
pub(super) enum Cut {
    Line(Vec<u8>),
    TooLong(Vec<u8>),
    Nothing,
}

/// How much of a line that is too long is looked at.
const SHOWN: usize = 64;

impl Session {
    /// Takes the next line off what is unread. `most` counts octets with the line end.
    pub(super) fn cut(&mut self, most: usize) -> Cut {
        let end = self.protocol.lines().0.as_bytes();
        let most = most.max(end.len());
        if let Some(after_cr) = self.discarding {
            let split = after_cr && end == b"\r\n" && self.unread.first() == Some(&b'\n');
            match if split { Some(1) } else { end_of_line(&self.unread, end) } {
                Some(length) => {
                    self.unread.drain(..length);
                    self.discarding = None;
                }
                None => {
                    let last = self.unread.last().copied();
                    self.discarding = Some(last.map_or(after_cr, |last| last == b'\r'));
                    self.unread.clear();
                    return Cut::Nothing;
                }
            }
        }
        match end_of_line(&self.unread, end) {
            Some(length) => {
                let line: Vec<u8> = self.unread.drain(..length).collect();
                if length > most {
                    Cut::TooLong(line[..most].to_vec())
                } else {
                    Cut::Line(line[..length - end.len()].to_vec())
                }
            }
            None if self.unread.len() >= most => {
                self.discarding = Some(self.unread.ends_with(b"\r"));
                let line = std::mem::take(&mut self.unread);
                Cut::TooLong(line[..most].to_vec())
            }
            None => Cut::Nothing,
        }
    }

    /// Takes the next line, or the next request; false when there is none.
    pub(super) fn read_command(&mut self) -> bool {
        let protocol = self.protocol.clone();
        if let Some(request) = protocol.request() {
            return self.read_request(request);
        }
        let begun = self.assembly.as_ref().map_or(0, |assembly| assembly.text.len());
        match self.cut(protocol.line_most(&self.state).saturating_sub(begun)) {
            Cut::Nothing => return false,
            Cut::TooLong(beginning) => self.too_long(&beginning),
            Cut::Line(line) if protocol.literals().is_some() => self.piece(&line),
            Cut::Line(line) => self.command(&signs(&line)),
        }
        true
    }

    /// A whole line has come.
    pub(super) fn command(&mut self, line: &[Sign]) {
        self.phase = Phase::Running;
        let length = line.len() + self.protocol.lines().0.len();
        let blank = |sign: &Sign| matches!(sign, Sign::Octet(b' ' | b'\t'));
        let kept = line.iter().rposition(|sign| !blank(sign)).map_or(0, |last| last + 1);
        let line = &line[..kept];
        self.watch.begin(&shown(line));
        let judged = match self.begin_line(line) {
            Some(command) => self.judge(&command, length).map(|verdict| (verdict, Some(command))),
            None => Ok((Verdict::Unknown, None)),
        };
        match judged {
            Ok((verdict, command)) => {
                let verdict = self.or_foreign(verdict, line);
                self.claim(&verdict);
                if let Err(fault) = self.frame(verdict, command.as_deref(), line) {
                    self.broken(&fault);
                }
            }
            Err(fault) => self.broken(&fault),
        }
    }

    /// Begins with a line, the word before the command taken off it. None where that word has not its form: then there
    /// is no command.
    pub(super) fn begin_line(&mut self, line: &[Sign]) -> Option<Vec<Sign>> {
        self.said = Said { raw: shown(line), ..Said::default() };
        self.handler = None;
        let command = match self.protocol.tag() {
            None => line.to_vec(),
            Some((_, ty, _)) => {
                let blank = |sign: &Sign| matches!(sign, Sign::Octet(b' ' | b'\t'));
                let length = line.iter().position(blank).unwrap_or(line.len());
                if self.protocol.read(&ty, &line[..length]).is_none() {
                    self.said.line = shown(line);
                    return None;
                }
                self.said.tag = Some(shown(&line[..length]));
                line[length..].iter().skip_while(|sign| blank(sign)).cloned().collect()
            }
        };
        self.said.verb = verb_of(&command);
        self.said.line = shown(&command);
        self.watch.line.clone_from(&command);
        Some(command)
    }

    /// The command that claims a line is known: it says how it is used, and whether a secret may be in the line.
    pub(super) fn claim(&mut self, verdict: &Verdict) {
        if let Verdict::Taken(command, _) | Verdict::Misfit(command) = verdict {
            self.said.usage.clone_from(&command.template.usage);
            self.handler = Some((**command).clone());
        }
        let verbs: Vec<String> =
            [Some(self.said.verb.clone()), self.handler.as_ref().map(|command| command.template.verb())]
                .into_iter()
                .flatten()
                .collect();
        let same = |command: &Command| verbs.iter().any(|verb| self.protocol.same_verb(verb, &command.template.verb()));
        let secret = self.protocol.commands().iter().any(|command| command.has_secret() && same(command));
        if secret || self.handler.as_ref().is_some_and(Command::has_secret) {
            self.said.line.clone_from(&self.said.verb);
        }
        if let Verdict::Taken(_, holes) = verdict {
            holes.iter().for_each(|(_, value)| self.watch.keep_secrets(value));
        }
    }

    /// A line that is too long is answered once; the rest of it goes unseen.
    fn too_long(&mut self, beginning: &[u8]) {
        self.phase = Phase::Running;
        let begun = self.assembly.take().map(|assembly| assembly.text).unwrap_or_default();
        let line = if begun.is_empty() { signs(beginning) } else { begun };
        // Behind a count that nobody read, nobody knows where the next command begins.
        let whole = self.begin_line(&line).unwrap_or_else(|| behind_word(&line));
        self.closing |= self.may_be_followed(&whole, 0) || self.protocol.literals().is_some();
        let verdict = self.or_foreign(Verdict::TooLong, &line);
        let line = &line[..line.len().min(SHOWN)];
        self.watch.begin(&format!("{}… (too long)", shown(line)));
        self.begin_line(line);
        self.said.line = self.said.verb.clone();
        self.carry_out(verdict);
    }

    /// A line that no verb of the protocol claims is foreign where it begins with a word that is said to be so. Here the
    /// line is as it came.
    pub(super) fn or_foreign(&self, verdict: Verdict, line: &[Sign]) -> Verdict {
        let nameless = match &verdict {
            Verdict::Unknown | Verdict::TooLong => true,
            Verdict::Misfit(command) => command.template.claim().is_empty(),
            _ => false,
        };
        let first: Vec<Sign> =
            line.iter().take_while(|sign| !matches!(sign, Sign::Octet(b' ' | b'\t'))).cloned().collect();
        let same = |verb: &str| match self.protocol.exact_case() {
            true => first == signs(verb.as_bytes()),
            false => octets(&first).is_some_and(|first| first.eq_ignore_ascii_case(verb.as_bytes())),
        };
        if nameless && self.protocol.foreign_verbs().any(same) { Verdict::Foreign } else { verdict }
    }

    /// Who takes a line: among the commands whose guard holds, those with the longest literal beginning.
    pub(super) fn judge(&mut self, line: &[Sign], length: usize) -> Result<Verdict, Fault> {
        let protocol = self.protocol.clone();
        let here = protocol.commands_of(&self.state);
        let mut claimants: Vec<&Command> = here.iter().filter(|command| command.template.claims(line)).collect();
        claimants.sort_by_key(|command| std::cmp::Reverse(command.template.claim().len()));
        let mut first: Option<&Command> = None;
        let mut short = false;
        for command in claimants {
            if first.is_some_and(|first| first.template.claim().len() != command.template.claim().len()) {
                break;
            }
            if !self.guard_holds(command, &[])? {
                continue;
            }
            first = first.or(Some(command));
            if length > protocol.command_most(command) {
                short = true;
            } else if let Some(holes) = protocol.fit(&command.template, line) {
                return Ok(Verdict::Taken(Box::new(command.clone()), holes));
            }
        }
        if short || (first.is_none() && length > protocol.lines().1) {
            return Ok(Verdict::TooLong);
        }
        if let Some(command) = first {
            return Ok(Verdict::Misfit(Box::new(command.clone())));
        }
        let verb = verb_of(line);
        let known = |command: &&Command| !verb.is_empty() && protocol.same_verb(&command.template.verb(), &verb);
        for command in here.iter().filter(known) {
            if self.guard_holds(command, &[])? {
                return Ok(Verdict::Misfit(Box::new(command.clone())));
            }
        }
        let anywhere = protocol.commands().iter().any(|command| known(&command));
        Ok(if anywhere { Verdict::OutOfOrder } else { Verdict::Unknown })
    }

    /// Whether the guard of a command holds, which sees the holes of a request.
    fn guard_holds(&self, command: &Command, holes: &[(String, Value)]) -> Result<bool, Fault> {
        if self.tls.is_some() && self.protocol.begins_tls_unasked(&command.def) {
            return Ok(false);
        }
        let names = Names { holes: holes.to_vec(), ..Names::default() };
        let sight = super::expression::Sight { names: &names, ..self.sight() };
        command.def.guard.as_ref().map_or(Ok(true), |guard| sight.holds(guard))
    }

    /// Reads the payload that comes with a line, if one does, and then carries the line out.
    fn frame(&mut self, verdict: Verdict, line: Option<&[Sign]>, whole: &[Sign]) -> Result<(), Fault> {
        if let Verdict::Taken(command, holes) = &verdict {
            self.names = Names { holes: holes.clone(), ..Names::default() };
            if let Some((payload, count)) = command.counted() {
                let (count, most) = (self.sight().number(count)?, self.sight().number(&payload.most)?);
                self.begin_counted(count, most, Counted::Own(command.clone()));
                return Ok(());
            }
        }
        if matches!(verdict, Verdict::Foreign) {
            self.carry_out(verdict);
            return Ok(());
        }
        let follows = match line {
            Some(line) => self.foreign_count(&verdict, line)?,
            // The word before the command has not its form.
            None => self.may_be_followed(&behind_word(whole), 0).then_some(None),
        };
        match follows {
            None => self.carry_out(verdict),
            Some(Some(count)) => self.begin_counted(count, 0, Counted::Foreign(verdict)),
            Some(None) => {
                self.closing = true;
                self.carry_out(verdict);
            }
        }
        Ok(())
    }

    /// How many octets follow a line, whoever takes it; `Some(None)` where that cannot be known. Of the templates that it
    /// fits the one with the longest beginning decides, and a looser one than that of octets does not count.
    fn foreign_count(&self, verdict: &Verdict, line: &[Sign]) -> Result<Option<Option<u64>>, Fault> {
        let length = |command: &Command| command.template.claim().len();
        let least = if let Verdict::Taken(command, _) = verdict { length(command) + 1 } else { 0 };
        let commands = self.protocol.commands();
        let claims = |command: &&Command| command.template.claims(line) && length(command) >= least;
        let mut claimants: Vec<&Command> = commands.iter().filter(claims).collect();
        claimants.sort_by_key(|command| std::cmp::Reverse(length(command)));
        let counted = claimants.iter().find(|command| command.counted().is_some()).map_or(0, |command| length(command));
        for command in claimants.into_iter().filter(|command| length(command) >= counted) {
            if let Some(holes) = self.protocol.fit(&command.template, line) {
                let Some((_, count)) = command.counted() else { return Ok(None) };
                let names = Names { holes, ..Names::default() };
                let sight = super::expression::Sight { names: &names, ..self.sight() };
                return Ok(Some(Some(sight.number(count)?)));
            }
        }
        Ok(self.may_be_followed(line, least).then_some(None))
    }

    /// Whether a line begins like one with octets: with a text that long at least, or where none claims it but by a hole.
    fn may_be_followed(&self, line: &[Sign], least: usize) -> bool {
        let commands = self.protocol.commands();
        let claimants: Vec<&Command> = commands.iter().filter(|command| command.template.claims(line)).collect();
        let begins = |command: &Command| !command.template.claim().is_empty();
        let carries = |command: &Command| command.counted().is_some() && command.template.claim().len() >= least;
        let known = claimants.iter().any(|command| begins(command));
        claimants.iter().any(|command| carries(command) && (begins(command) || !known))
    }

    /// Carries out the body of a command. Its payload, if it has one, is a local.
    pub(super) fn run_command(&mut self, command: &Command) {
        self.watch_command();
        self.run(&command.def.body);
    }

    fn read_request(&mut self, request: &RequestDef) -> bool {
        let most = self.protocol.lines().1;
        let octets_most = self.sight().number(&request.octets).unwrap_or(1) as usize;
        loop {
            match self.cut(most) {
                Cut::Nothing => return false,
                Cut::Line(line) if line.is_empty() && self.block_discarded => self.block_discarded = false,
                Cut::Line(line) if line.is_empty() => {
                    let block = std::mem::take(&mut self.block);
                    self.request(request, &block);
                    return true;
                }
                _ if self.block_discarded => {}
                Cut::Line(line) if self.fits_block(request, &line, octets_most) => self.block.push(line),
                Cut::Line(_) | Cut::TooLong(_) => {
                    self.block.clear();
                    self.block_discarded = true;
                    self.phase = Phase::Running;
                    self.said = Said::default();
                    self.watch.begin("(a request that is too long)");
                    self.carry_out(Verdict::TooLong);
                    return true;
                }
            }
        }
    }

    /// Whether there is room for a line; each counts one octet for its end.
    fn fits_block(&self, request: &RequestDef, line: &[u8], octets_most: usize) -> bool {
        let held: usize = self.block.iter().map(|line| line.len() + 1).sum();
        self.block.len() < request.lines.0 as usize && held + line.len() < octets_most
    }

    fn request(&mut self, request: &RequestDef, block: &[Vec<u8>]) {
        self.phase = Phase::Running;
        self.said = Said::default();
        self.handler = None;
        self.watch.begin(&readable(&block.join(&b"; "[..])));
        match self.judge_request(request, block) {
            Ok(verdict) => {
                if let Verdict::Taken(command, holes) = &verdict {
                    self.said.usage.clone_from(&command.template.usage);
                    self.handler = Some((**command).clone());
                    self.names = Names { holes: holes.clone(), ..Names::default() };
                    holes.iter().for_each(|(_, value)| self.watch.keep_secrets(value));
                }
                self.carry_out(verdict);
            }
            Err(fault) => self.broken(&fault),
        }
    }

    fn judge_request(&mut self, request: &RequestDef, block: &[Vec<u8>]) -> Result<Verdict, Fault> {
        let protocol = self.protocol.clone();
        let Some(given) = self.attributes(request, block) else { return Ok(Verdict::Malformed) };
        let mut record = Record { name: "request".into(), ..Record::default() };
        for (def, value) in request.attributes.iter().zip(given) {
            let value = match (value, &def.default) {
                (Some(value), _) => value,
                (None, Some(default)) => protocol.ty(&def.ty).fitted(self.sight().value(default)?),
                (None, None) => Value::Absent,
            };
            record.fields.push((field_name(&def.name.text), value));
        }
        let holes = vec![("request".to_owned(), Value::Record(record))];
        for command in protocol.commands_of(&self.state) {
            if self.guard_holds(command, &holes)? {
                return Ok(Verdict::Taken(Box::new(command.clone()), holes));
            }
        }
        Ok(Verdict::OutOfOrder)
    }

    /// The values of the declared attributes. The first of each counts; one without a value is not there.
    fn attributes(&self, request: &RequestDef, block: &[Vec<u8>]) -> Option<Vec<Option<Value>>> {
        let mut values: Vec<Option<Value>> = vec![None; request.attributes.len()];
        let mut seen = vec![false; request.attributes.len()];
        let bare = request.separator.text.trim_end_matches(' ').as_bytes();
        let loose = bare.len() < request.separator.text.len();
        for line in block {
            let at = line.windows(bare.len()).position(|window| window == bare)?;
            let (name, value) = (&line[..at], &line[at + bare.len()..]);
            let value = if loose { value.trim_ascii() } else { value };
            let is = |known: &str| {
                if self.protocol.exact_case() {
                    known.as_bytes() == name
                } else {
                    known.as_bytes().eq_ignore_ascii_case(name)
                }
            };
            let Some(place) = request.attributes.iter().position(|def| is(&def.name.text)) else { continue };
            if std::mem::replace(&mut seen[place], true) || value.is_empty() {
                continue;
            }
            let def = &request.attributes[place];
            if super::Protocol::most(&def.ty).is_some_and(|most| value.len() > most) {
                return None;
            }
            values[place] = Some(self.protocol.read(&self.protocol.ty(&def.ty), &signs(value))?);
        }
        Some(values)
    }

    /// Sends octets.
    pub(super) fn send(&mut self, octets: Vec<u8>) {
        self.look_for_secrets(&octets);
        self.out.push(Seen::Sent(octets));
    }
}

/// What stands behind the first word of a line.
fn behind_word(line: &[Sign]) -> Vec<Sign> {
    let blank = |sign: &Sign| matches!(sign, Sign::Octet(b' '));
    let word = line.iter().position(blank).unwrap_or(line.len());
    line[word..].iter().skip_while(|sign| blank(sign)).cloned().collect()
}

/// The length of the first line with its end.
fn end_of_line(octets: &[u8], end: &[u8]) -> Option<usize> {
    octets.windows(end.len()).position(|window| window == end).map(|at| at + end.len())
}

/// A line as it is shown: of a literal nothing.
pub(super) fn shown(line: &[Sign]) -> String {
    match octets(line) {
        Some(octets) => readable(&octets),
        None => readable(
            &line.iter().map(|sign| if let Sign::Octet(octet) = sign { *octet } else { 0 }).collect::<Vec<_>>(),
        ),
    }
}

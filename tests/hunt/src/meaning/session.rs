//! One conversation: what it knows, and what each event does to it.
//!
//! Never: reads a line before the one before it is done.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use grammar::tree::{AskDef, Block, Expr, Name, OutcomeDef, Statement, TypeRef};
use machine::{Now, Reason, Tls};
use program::Level;

use super::{
    Event, Protocol, Seen, Start, Violation,
    command::Verdict,
    expression::{Names, Said, Sight},
    literal::Assembly,
    payload::{Counted, Intake},
    protocol::Command,
    value::{Fault, Value},
};

/// One conversation.
#[derive(Debug)]
pub struct Session {
    pub(super) protocol: Arc<Protocol>,
    pub(super) start: Start,
    pub(super) settings: Vec<(String, Value)>,
    pub(super) tls: Option<Tls>,
    pub(super) state: String,
    pub(super) facts: BTreeMap<String, Value>,
    pub(super) counters: BTreeMap<String, u64>,
    /// So many octets have come, and so many of them had come when the last refusal was sent.
    pub(super) heard: usize,
    pub(super) unheeding: Option<usize>,
    /// The limits that have answered for the present line.
    pub(super) limited: Vec<Arc<str>>,
    pub(super) names: Names,
    pub(super) said: Said,
    /// Whether what the client said was repeated since that was asked last.
    pub(super) repeats: Cell<bool>,
    pub(super) handler: Option<Command>,
    /// What is still to be carried out of the present body, the innermost last.
    pub(super) work: Vec<Frame>,
    pub(super) phase: Phase,
    pub(super) now: Now,
    pub(super) opened: Duration,
    pub(super) quiet_since: Duration,
    pub(super) unread: Vec<u8>,
    /// The rest of a line that was too long is thrown away; whether the last octet of it was a CR.
    pub(super) discarding: Option<bool>,
    /// The lines of the request that comes, and whether the rest of it is thrown away.
    pub(super) block: Vec<Vec<u8>>,
    pub(super) block_discarded: bool,
    pub(super) assembly: Option<Assembly>,
    pub(super) ending: Option<Reason>,
    pub(super) closing: bool,
    pub(super) breaking: bool,
    pub(super) expired: bool,
    pub(super) eof: bool,
    pub(super) entered: bool,
    pub(super) leaving: Option<Leaving>,
    pub(super) out: Vec<Seen>,
    pub(super) violations: RefCell<Vec<Violation>>,
    pub(super) watch: super::watch::Watch,
}

/// What is still to be carried out of a block, or of a loop.
#[derive(Debug)]
pub(super) enum Frame {
    /// Statements, and how many names were known before them.
    Block { rest: VecDeque<Statement>, locals: usize },
    /// The elements of a loop that are left.
    Each {
        item: String,
        left: VecDeque<Value>,
        body: Block,
        locals: usize,
        until: Option<Duration>,
        /// How many final answers its rounds still owe, where each gives one.
        owed: Option<usize>,
    },
}

/// What a session waits for.
#[derive(Debug)]
pub(super) enum Phase {
    New,
    Hush {
        until: Duration,
    },
    Command,
    Running,
    Asking {
        ask: Box<AskDef>,
        within: Duration,
        until: Duration,
    },
    Prompting {
        name: String,
        ty: TypeRef,
    },
    Receiving {
        into: Vec<Name>,
        outcomes: Vec<OutcomeDef>,
        raw: Vec<u8>,
        intake: Intake,
    },
    Counting {
        rest: u64,
        counted: Counted,
        intake: Intake,
    },
    /// The rest of a literal, of a command line or of the answer to a prompt.
    Literal {
        rest: usize,
        prompt: Option<(String, TypeRef)>,
    },
    Keeping {
        until: Duration,
        from: Kept,
        octets: Vec<u8>,
    },
    Pausing {
        until: Duration,
    },
    Securing {
        state: String,
    },
    Closed,
}

/// What asked for a payload that is being kept.
#[derive(Debug)]
pub(super) enum Kept {
    Block { into: Vec<Name>, outcomes: Vec<OutcomeDef> },
    Counted(Box<Command>),
}

/// What is done when the `leave` that runs is done.
#[derive(Debug)]
pub(super) enum Leaving {
    Goto { state: String, facts: BTreeMap<String, Value> },
    Secure(String),
    Close,
}

impl Session {
    /// A session that has not begun; none where the settings do not fit.
    pub fn new(protocol: Arc<Protocol>, start: Start) -> Option<Session> {
        let state = protocol.start_state()?.name.text.to_string();
        let mut session = Session {
            tls: start.tls.clone(),
            protocol: protocol.clone(),
            start,
            settings: Vec::new(),
            state,
            facts: BTreeMap::new(),
            counters: BTreeMap::new(),
            heard: 0,
            unheeding: None,
            limited: Vec::new(),
            names: Names::default(),
            said: Said::default(),
            repeats: Cell::default(),
            handler: None,
            work: Vec::new(),
            phase: Phase::New,
            now: Now { elapsed: Duration::ZERO, unix: 0 },
            opened: Duration::ZERO,
            quiet_since: Duration::ZERO,
            unread: Vec::new(),
            discarding: None,
            block: Vec::new(),
            block_discarded: false,
            assembly: None,
            ending: None,
            closing: false,
            breaking: false,
            expired: false,
            eof: false,
            entered: false,
            leaving: None,
            out: Vec::new(),
            violations: RefCell::default(),
            watch: super::watch::Watch::default(),
        };
        for (name, ty, default) in protocol.settings() {
            let given = session.start.settings.iter().find(|(given, _)| *given == name);
            let value = match (given, default) {
                (Some((_, given)), _) => protocol.given(&ty, given)?,
                (None, Some(default)) => ty.fitted(session.sight().value(&default).ok()?),
                (None, None) if ty.is_optional() => Value::Absent,
                (None, None) => return None,
            };
            session.watch.keep_secrets(&value);
            session.settings.push((name, value));
        }
        Some(session)
    }

    /// Takes one event, and says what the session does.
    pub fn happen(&mut self, now: Now, event: Event) -> Vec<Seen> {
        self.watch.passes(now.elapsed.saturating_sub(self.now.elapsed), &self.phase);
        self.now = now;
        if self.closed() {
            return Vec::new();
        }
        match event {
            Event::Open => self.open(),
            Event::Octets(octets) => {
                if self.phase.payload().is_some() || (self.unread.is_empty() && !self.within_one()) {
                    self.quiet_since = now.elapsed;
                }
                self.heard += octets.len();
                self.unread.extend(octets);
            }
            Event::Answered(name, values) => self.answered(&name, values),
            Event::Kept => self.kept(),
            Event::NotKept(why) => self.not_kept(&why),
            Event::Secured(tls) => self.secured(tls),
            Event::Time => self.time_is_up(),
            Event::Eof => self.eof = true,
            Event::Gone => self.gone(),
            Event::End(reason) => self.end(reason),
        }
        self.read_on();
        std::mem::take(&mut self.out)
    }

    /// The present state.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// The facts of the present state that are there, sorted by their names.
    pub fn facts(&self) -> Vec<(String, Value)> {
        self.facts.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// When it wants [`Event::Time`], of [`Now::elapsed`].
    pub fn deadline(&self) -> Option<Duration> {
        match &self.phase {
            Phase::Hush { until }
            | Phase::Asking { until, .. }
            | Phase::Pausing { until }
            | Phase::Keeping { until, .. } => Some(*until),
            Phase::Command if !self.expired && self.assembly.is_none() => {
                Some(self.idle_end().ok()?.min(self.session_end().ok()?))
            }
            Phase::Command
            | Phase::Prompting { .. }
            | Phase::Receiving { .. }
            | Phase::Counting { .. }
            | Phase::Literal { .. } => self.idle_end().ok(),
            Phase::New | Phase::Running | Phase::Securing { .. } | Phase::Closed => None,
        }
    }

    /// Whether time alone makes it go on: it asks, pauses, or has not greeted yet.
    pub fn waits_for_time(&self) -> bool {
        matches!(self.phase, Phase::Hush { .. } | Phase::Asking { .. } | Phase::Pausing { .. })
    }

    /// Whether it is the client's turn.
    pub fn wants_octets(&self) -> bool {
        !self.eof && self.phase.listens()
    }

    /// Whether it is over.
    pub fn closed(&self) -> bool {
        matches!(self.phase, Phase::Closed)
    }

    /// What was promised and did not hold, so far.
    pub fn violations(&self) -> Vec<Violation> {
        self.violations.borrow().clone()
    }

    /// Each command that was answered: its line, and how long the client had to wait for the session itself.
    pub fn waits(&self) -> &[(String, Duration)] {
        &self.watch.waits
    }

    /// The protocol that it speaks.
    pub fn protocol(&self) -> &Arc<Protocol> {
        &self.protocol
    }

    /// Whether what the client said was repeated since this was asked last.
    pub fn repeated(&self) -> bool {
        self.repeats.take()
    }

    /// What it began with.
    pub fn start(&self) -> &Start {
        &self.start
    }

    /// What an expression of the present body can see.
    pub(super) fn sight(&self) -> Sight<'_> {
        Sight {
            protocol: &self.protocol,
            start: &self.start,
            settings: &self.settings,
            state: &self.state,
            facts: &self.facts,
            names: &self.names,
            said: &self.said,
            tls: self.tls.as_ref(),
            unix: self.now.unix,
            told: Some(&self.violations),
            promised: false,
            repeats: &self.repeats,
        }
    }

    /// It is the client's turn: from now on its silence counts.
    pub(super) fn listen(&mut self, phase: Phase) {
        self.quiet_since = self.now.elapsed;
        self.phase = phase;
    }

    /// Carries out a block that belongs to no line of its own.
    pub(super) fn run_outside(&mut self, block: &Block) {
        self.names = Names { outside: true, ..Names::default() };
        self.run(block);
    }

    /// Carries out a line of `limits`.
    pub(super) fn run_limit(&mut self, words: &str) {
        match self.protocol.clone().limit(words) {
            Some(rule) => self.run_outside(&rule.body),
            None => self.broken(&Fault(format!("there is no limit `{words}`"))),
        }
    }

    /// Carries out a block as the whole body.
    pub(super) fn run(&mut self, block: &Block) {
        self.work = vec![Frame::Block { rest: block.statements.iter().cloned().collect(), locals: 0 }];
        self.go_on();
    }

    /// Whether the rest of a line, or of a request, is still to come.
    fn within_one(&self) -> bool {
        self.discarding.is_some() || !self.block.is_empty() || self.block_discarded || self.assembly.is_some()
    }

    /// Reads on as long as there is something to read and it is the client's turn.
    fn read_on(&mut self) {
        loop {
            let went_on = match self.phase {
                Phase::Hush { .. } => match self.protocol.clone().limit("talking early") {
                    Some(rule) if !self.unread.is_empty() => {
                        self.watch.begin("(talking early)");
                        // The first state was not entered, so there is nothing to go on in.
                        self.closing = true;
                        self.run_outside(&rule.body);
                        true
                    }
                    _ => false,
                },
                Phase::Command => (self.assembly.is_none() && self.between_commands()) || self.read_command(),
                Phase::Literal { .. } => self.read_literal(),
                Phase::Prompting { .. } => self.read_answer(),
                Phase::Receiving { .. } => self.read_block(),
                Phase::Counting { .. } => self.read_counted(),
                Phase::Securing { .. } => false,
                _ => return,
            };
            if !went_on {
                if self.eof {
                    self.close();
                }
                return;
            }
        }
    }

    /// The connection is there: the client may have to keep silent first.
    fn open(&mut self) {
        if !matches!(self.phase, Phase::New) {
            return;
        }
        self.opened = self.now.elapsed;
        let early = self.protocol.limit("talking early").and_then(|rule| rule.amount.clone());
        let hush = early.map_or(Ok(Duration::ZERO), |time: Expr| self.sight().duration(&time));
        match hush {
            Ok(hush) if hush.is_zero() => self.enter(self.state.clone()),
            Ok(hush) => self.phase = Phase::Hush { until: self.now.elapsed.saturating_add(hush) },
            Err(fault) => self.broken(&fault),
        }
    }

    /// Ends the session, or says that it has lasted long enough; true when something ran.
    fn between_commands(&mut self) -> bool {
        if let Some(reason) = self.ending.take() {
            self.closing = true;
            self.end_with(reason);
            return true;
        }
        match self.session_end() {
            _ if self.expired => false,
            Ok(end) if self.now.elapsed < end => false,
            Ok(_) => {
                self.expired = true;
                self.watch.begin("(session)");
                self.run_limit("session");
                true
            }
            Err(fault) => {
                self.broken(&fault);
                true
            }
        }
    }

    fn end_with(&mut self, reason: Reason) {
        let words = match reason {
            Reason::Shutdown => "shutdown",
            Reason::Full => "full",
            Reason::Broken => "broken",
        };
        self.watch.begin(&format!("({words})"));
        self.run_limit(words);
    }

    fn end(&mut self, reason: Reason) {
        let gave_up = || Fault::new("the server gave up on the session");
        match &self.phase {
            Phase::New | Phase::Hush { .. } => {
                self.closing = true;
                self.end_with(reason);
            }
            Phase::Command => self.ending = Some(reason),
            Phase::Asking { .. } if reason == Reason::Broken => {
                self.out.push(Seen::Cancelled);
                self.broken(&gave_up());
            }
            _ if reason == Reason::Broken => self.broken(&gave_up()),
            Phase::Pausing { .. } => {
                self.ending = Some(reason);
                self.go_on();
            }
            _ => self.ending = Some(reason),
        }
    }

    fn time_is_up(&mut self) {
        let now = self.now.elapsed;
        match &self.phase {
            Phase::Hush { until } if now >= *until => self.enter(self.state.clone()),
            Phase::Asking { until, within, .. } if now >= *until => {
                let within = *within;
                self.out.push(Seen::Cancelled);
                self.answered("failed", vec![late(within)]);
            }
            Phase::Pausing { until } if now >= *until => self.go_on(),
            Phase::Keeping { until, .. } if now >= *until => self.not_kept("it was not kept in time"),
            phase if phase.listens() => {
                let between = matches!(phase, Phase::Command) && self.assembly.is_none();
                if between && self.between_commands() {
                    return;
                }
                match self.idle_end() {
                    Ok(end) if now >= end => {
                        // In the midst of a payload nobody knows where the next command would begin.
                        self.closing |= matches!(self.phase, Phase::Receiving { .. } | Phase::Counting { .. })
                            || self.assembly.is_some();
                        if between {
                            self.watch.begin("(idle)");
                        }
                        self.run_limit("idle");
                    }
                    Ok(_) => {}
                    Err(fault) => self.broken(&fault),
                }
            }
            _ => {}
        }
    }

    fn limit_time(&self, words: &str) -> Result<Duration, Fault> {
        let amount = self.protocol.limit(words).and_then(|rule| rule.amount.as_ref());
        self.sight().duration(amount.ok_or_else(|| Fault(format!("there is no limit `{words}`")))?)
    }

    /// How long the client may be silent.
    pub(super) fn idle_limit(&self) -> Result<Duration, Fault> {
        self.limit_time("idle")
    }

    fn idle_end(&self) -> Result<Duration, Fault> {
        let after = self.idle_limit()?;
        let silent = self.quiet_since.saturating_add(after);
        Ok(match self.phase.payload() {
            None => silent,
            Some(intake) => {
                let slowest = intake.length().saturating_mul(1000) / self.start.slowest.max(1);
                silent.min(intake.since.saturating_add(after + Duration::from_millis(slowest)))
            }
        })
    }

    /// When the session has lasted long enough.
    pub(super) fn session_end(&self) -> Result<Duration, Fault> {
        Ok(self.opened.saturating_add(self.limit_time("session")?))
    }

    /// Carries out what was decided about a line.
    pub(super) fn carry_out(&mut self, verdict: Verdict) {
        let words = match verdict {
            Verdict::Taken(command, _) => {
                let alone = command.def.alone.is_some() || self.protocol.lock_step();
                if !alone || self.unread.is_empty() {
                    return self.run_command(&command);
                }
                let count = std::mem::take(&mut self.unread).len();
                let line =
                    format!("{count} octets came before the answer that they had to wait for, and were thrown away");
                self.log(Level::Warning, line);
                "jumped queue"
            }
            Verdict::Misfit(_) | Verdict::Malformed => "bad arguments",
            Verdict::OutOfOrder => "out of order",
            Verdict::Unknown => "unknown command",
            Verdict::TooLong => return self.run_limit("line"),
            Verdict::Foreign => {
                self.closing = true;
                "foreign"
            }
        };
        self.run_unexpected(words);
    }

    /// Carries out a line of `unexpected`, or the one that answers in its place.
    pub(super) fn run_unexpected(&mut self, words: &str) {
        let instead: &[&str] = match words {
            "jumped queue" => &["jumped queue", "out of order", "bad arguments"],
            "unknown command" => &["unknown command", "out of order", "bad arguments"],
            "out of order" => &["out of order", "bad arguments"],
            "cancelled" => &["cancelled", "bad answer", "bad arguments"],
            "bad answer" => &["bad answer", "bad arguments"],
            "foreign" => &["foreign"],
            _ => &["bad arguments"],
        };
        let protocol = self.protocol.clone();
        match instead.iter().find_map(|words| protocol.unexpected(words)) {
            Some(rule) => self.run_outside(&rule.body),
            None => self.broken(&Fault(format!("nothing answers `{words}`"))),
        }
    }
}

impl Phase {
    pub(super) fn listens(&self) -> bool {
        matches!(
            self,
            Phase::Hush { .. }
                | Phase::Command
                | Phase::Prompting { .. }
                | Phase::Receiving { .. }
                | Phase::Counting { .. }
                | Phase::Literal { .. }
        )
    }

    fn payload(&self) -> Option<&Intake> {
        match self {
            Phase::Receiving { intake, .. } | Phase::Counting { intake, .. } => Some(intake),
            _ => None,
        }
    }
}

/// Why a call failed that was not answered in time.
pub(super) fn late(within: Duration) -> Value {
    Value::Text(format!("no answer within {}", Value::Duration(within).shown()))
}

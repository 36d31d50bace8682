//! A program bound to the settings of one listener.
//!
//! Never: changes once it is bound.

mod bind;

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use program::{Program, ReplyId, Value};

pub use bind::BindError;

use crate::{Tls, answer::Answer, expression::Scope};

/// A program with the settings of one listener, constant answers already rendered.
pub struct Service {
    program: Arc<Program>,
    settings: Vec<Value>,
    name: Value,
    answers: Vec<Answer>,
    converse: bool,
    slowest: Pace,
}

/// What a listener says of itself and of its protocol.
#[derive(Debug, Clone, Default)]
pub struct Binding {
    /// Our name: `local.name`.
    pub name: String,
    /// Settings by name, as text or as a list of texts; each is decoded as its type says.
    pub settings: Vec<(String, Given)>,
    /// Whether the conversation is shown as effects.
    pub converse: bool,
    /// How slowly a payload may come.
    pub slowest: Pace,
}

/// Octets per second, at least 1, that a payload must have made on the average once it has lasted longer than
/// `limits { idle }`. An octet just before each idle limit would hold a session for ever otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace(pub u64);

impl Pace {
    /// How long so many octets may take at the slowest.
    pub fn time_for(self, octets: u64) -> Duration {
        Duration::from_millis(octets.saturating_mul(1000) / self.0.max(1))
    }
}

impl Default for Pace {
    /// What the slowest of real lines makes.
    fn default() -> Pace {
        Pace(500)
    }
}

/// A setting as the operator wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// One text: `35 MB`, `example.com`, `yes`.
    Text(String),
    /// Several.
    List(Vec<String>),
}

/// Both ends of a connection.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The peer's address.
    pub ip: IpAddr,
    /// The peer's port.
    pub port: u16,
    /// Our address.
    pub local_ip: IpAddr,
    /// Our port.
    pub local_port: u16,
    /// TLS, when it stands before the first octet (implicit TLS).
    pub tls: Option<Tls>,
}

impl Service {
    /// Binds a program: decodes the settings, fills in defaults, renders what is constant.
    ///
    /// # Errors
    /// Every setting that is unknown, of the wrong type or missing.
    pub fn bind(program: Arc<Program>, binding: &Binding) -> Result<Service, Vec<BindError>> {
        let name = Value::Text(binding.name.as_str().into());
        let settings = bind::bind_settings(&program, binding, &name)?;
        let scope = Scope { settings: &settings, name: &name, session: None };
        let end = match program.wire.line_end {
            program::LineEnd::CrLf => "\r\n",
            program::LineEnd::Lf => "\n",
        };
        let answers = program.replies.iter().map(|reply| Answer::new(reply, end, &scope)).collect();
        Ok(Service { program, settings, name, answers, converse: binding.converse, slowest: binding.slowest })
    }

    /// The program.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Whether sessions cannot tell this one from the other.
    pub fn is_like(&self, other: &Service) -> bool {
        Arc::ptr_eq(&self.program, &other.program)
            && self.settings == other.settings
            && self.name == other.name
            && self.converse == other.converse
            && self.slowest == other.slowest
    }

    /// The value of a setting of that name.
    pub fn setting(&self, name: &str) -> Option<&Value> {
        self.program.settings.iter().position(|setting| &*setting.name == name).and_then(|i| self.settings.get(i))
    }

    /// The values of all settings, in the order of the program.
    pub(crate) fn settings(&self) -> &[Value] {
        &self.settings
    }

    /// `local.name`.
    pub(crate) fn name(&self) -> &Value {
        &self.name
    }

    /// An answer, its constant parts worked out.
    pub(crate) fn answer(&self, id: ReplyId) -> Option<&Answer> {
        self.answers.get(id.0 as usize)
    }

    /// How slowly a payload may come.
    pub(crate) fn slowest(&self) -> Pace {
        self.slowest
    }

    /// Whether the conversation is shown as effects.
    pub(crate) fn converses(&self) -> bool {
        self.converse
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("program", &self.program.name).finish_non_exhaustive()
    }
}

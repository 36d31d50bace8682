//! The client role: a body of instructions that speaks to another server, and what it gives back.
//!
//! A client's code stands apart from that of the protocol's handlers: a [`Pc`] in it counts from its own first
//! instruction. It ends in [`Exchange::Give`] on every path.
//!
//! Never: connects. The machine runs it, the server carries it.

use std::sync::Arc;

use crate::{Capture, Expr, Op, Origin, OutcomeSignature, Pc, Slot, Template, Text, Type};

/// `client NAME(parameters) gives variant | variant { … }`.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its name, by which it is asked.
    pub name: Arc<str>,
    /// Whether a configuration and the command line may ask it, too.
    pub public: bool,
    /// What it takes; parameter *n* is put into slot *n*.
    pub parameters: Vec<ClientParameter>,
    /// What it gives; the last is always `failed(why: text)`.
    pub outcomes: Vec<OutcomeSignature>,
    /// How the answers of the other side look.
    pub form: AnswerForm,
    /// Its instructions.
    pub code: Vec<Op>,
    /// Where each of them stands; as long as `code`.
    pub origins: Vec<Origin>,
    /// How many slots it needs, parameters included.
    pub slots: usize,
    /// Where it stands.
    pub origin: Origin,
}

/// One parameter of a client.
#[derive(Debug, Clone)]
pub struct ClientParameter {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    pub ty: Type,
    /// What it is when it is not given: constants and settings.
    pub default: Option<Expr>,
}

/// The wire's form of an answer, to be read backwards: from octets to status and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerForm {
    /// The last line of an answer, or its only one.
    pub last: Vec<AnswerPart>,
    /// A line that another one follows; absent: every answer has one line.
    pub continued: Option<Vec<AnswerPart>>,
}

/// A part of the form of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerPart {
    /// These characters.
    Literal(Arc<str>),
    /// A code of three digits, or a word.
    Status,
    /// The text; nothing but literals stands behind it.
    Text,
}

/// What only a client does.
#[derive(Debug, Clone)]
pub enum Exchange {
    /// Connects; a name is looked up first.
    Connect {
        /// A name or an address.
        host: Expr,
        /// The port.
        port: Expr,
        /// How long name and connection may take together.
        within: Expr,
    },
    /// Sends one line, made of the parts whose condition holds.
    Send(Vec<SendPart>),
    /// Sends a payload, or a record with its header and its body, as a dotted block.
    SendLines(Expr),
    /// Waits for one whole answer.
    Await(Box<Await>),
    /// Begins TLS on the connection as it is.
    StartTls {
        /// Whether the certificate must be good for the host that was connected to.
        verified: bool,
    },
    /// The end: this outcome, with these values.
    Give {
        /// Index into [`Client::outcomes`].
        outcome: usize,
        /// As many as the outcome declares.
        values: Vec<Expr>,
    },
}

/// A part of a line that is sent.
#[derive(Debug, Clone)]
pub struct SendPart {
    /// When it is there; absent: always.
    pub when: Option<Expr>,
    /// What it is. Secrets in it are sent as they are, and shown as `***`.
    pub text: Text,
}

/// `await within TIME { … }`: the first arm that fits the answer goes on.
#[derive(Debug, Clone)]
pub struct Await {
    /// How long the whole answer may take.
    pub within: Expr,
    /// Stands in a `for each … within`: the slot with the loop's end; later than that the client gives `failed`.
    pub until: Option<Slot>,
    /// The arms, in the order of the file.
    pub arms: Vec<Arm>,
    /// Where any other answer goes on.
    pub otherwise: Pc,
    /// Where it goes on when no octet came in that time; absent: the client gives `failed`.
    pub silent: Option<Pc>,
    /// Where the last line of any other answer is put, as a text.
    pub answer: Option<Slot>,
}

/// One kind of answer.
#[derive(Debug, Clone)]
pub struct Arm {
    /// The status it is for; absent: any.
    pub status: Option<StatusClass>,
    /// What the text of the last line must look like; absent: anything.
    pub text: Option<TextForm>,
    /// Where the status is put: a number where it is a code, else a text.
    pub code: Option<Slot>,
    /// Where the texts of all lines are put.
    pub lines: Option<Slot>,
    /// Where it goes on.
    pub at: Pc,
}

/// What a text must look like, and where its holes are put.
#[derive(Debug, Clone)]
pub struct TextForm {
    /// Matches the whole text, trailing blanks taken off.
    pub template: Template,
    /// Its holes, each with the slot that it is put into.
    pub holes: Vec<(Capture, Slot)>,
}

/// A status, or a class of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusClass {
    /// This one.
    Is(Arc<str>),
    /// All codes that begin with this digit.
    Begins(char),
}

impl StatusClass {
    /// Whether a status is this one, or of this class.
    pub fn takes(&self, status: &str) -> bool {
        match self {
            StatusClass::Is(word) => **word == *status,
            StatusClass::Begins(digit) => status.len() == 3 && status.starts_with(*digit),
        }
    }
}

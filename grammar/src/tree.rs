//! The typed tree of one protocol file: what the author wrote, with a span for everything that can be pointed at.
//!
//! Never: resolves a name or checks a type. Comments and layout are not in it.

mod answer;
mod expression;
mod wire;

use std::sync::Arc;

use diagnostic::Span;

pub use answer::{Answer, AnswerLine, LineCondition, Tail};
pub use expression::{Expr, ExprKind, StringPart, StringText};
pub use wire::{RequestDef, WireItem};

/// A word with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// The word.
    pub text: Arc<str>,
    /// Its place.
    pub span: Span,
}

/// One file.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// `protocol NAME from BASE "title" version N edition N`; absent when it could not be read.
    pub header: Option<Header>,
    /// The items that could be read, in their order.
    pub items: Vec<Item>,
}

/// The first line.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The name of the protocol.
    pub name: Name,
    /// The protocol that it takes over: `from NAME`.
    pub base: Option<Name>,
    /// Its title.
    pub title: Option<Name>,
    /// The author's version.
    pub version: u32,
    /// The edition of the language; 1 when it is not given.
    pub edition: (u32, Span),
    /// The whole header.
    pub span: Span,
}

/// One item at the top level.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// `import "FILE"`: the name of the file, with its quotes.
    Import(Name),
    /// `rename "VERB" to "VERB"`
    Rename(Name, Name),
    /// `remove "VERB", …` or `remove KIND NAME, …`: the kind, if one is named, and what is removed.
    Remove(Option<Name>, Vec<Name>),
    /// `before on "VERB" { … }`, `before on request { … }`
    Before(Pattern, Block),
    /// `override ITEM`: the place of the word, and the item.
    Override(Span, Box<Item>),
    /// `settings { … }`: what is declared, and other defaults for what is taken over.
    Settings(Vec<FieldDef>, Vec<(Name, Expr)>, Span),
    /// `wire { … }`
    Wire(Vec<WireItem>, Span),
    /// `type NAME = …`
    Type(TypeDef),
    /// `record NAME { … }`
    Record(RecordDef),
    /// `sql NAME(…) gives … as "…"`
    Sql(SqlDef),
    /// `offers NAME { … }`
    Offers(OffersDef),
    /// `[start] state NAME …`
    State(StateDef),
    /// `during a, b { … }`
    During(Vec<Name>, Vec<HandlerDef>, Span),
    /// `anytime { … }`
    Anytime(Vec<HandlerDef>, Span),
    /// `routine NAME needs … { … }`
    Routine(RoutineDef),
    /// `unexpected { … }`
    Unexpected(Vec<AnswerRule>, Span),
    /// `limits { … }`
    Limits(Vec<AnswerRule>, Span),
    /// `promise "…" { … }`
    Promise(PromiseDef),
    /// `reload { … }`
    Reload(ReloadDef),
    /// `[public] client NAME(…) gives … { … }`
    Client(ClientDef),
}

/// `name : type = default`
#[derive(Debug, Clone, PartialEq)]
pub struct FieldDef {
    /// The name.
    pub name: Name,
    /// The type.
    pub ty: TypeRef,
    /// The default.
    pub default: Option<Expr>,
}

/// A type as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeRef {
    /// What it is.
    pub kind: TypeKind,
    /// `at most N`.
    pub most: Option<Expr>,
    /// `?`: may be absent.
    pub optional: bool,
    /// `secret` in front.
    pub secret: bool,
    /// All of it.
    pub span: Span,
}

/// The kind of a [`TypeRef`].
#[derive(Debug, Clone, PartialEq)]
pub enum TypeKind {
    /// A built-in type, a declared type or a record, by name.
    Named(Name),
    /// `list of TYPE`
    List(Box<TypeRef>),
}

/// `type NAME = …`
#[derive(Debug, Clone, PartialEq)]
pub struct TypeDef {
    /// Its name.
    pub name: Name,
    /// What it is.
    pub body: TypeBody,
    /// All of it.
    pub span: Span,
}

/// The right side of a `type`.
#[derive(Debug, Clone, PartialEq)]
pub enum TypeBody {
    /// An ABNF alternation (RFC 5234, RFC 7405).
    Abnf(Abnf),
    /// `params { "SIZE": size  "WIDE" … }`
    Params(Vec<(Name, Option<TypeRef>)>),
    /// `number 1 to 65535`
    Range(Name, i64, i64),
}

/// ABNF (RFC 5234 §4).
#[derive(Debug, Clone, PartialEq)]
pub enum Abnf {
    /// Any of them.
    Alternation(Vec<Abnf>),
    /// All of them in order.
    Concatenation(Vec<Abnf>),
    /// `least*most element`; no `most` is no bound.
    Repetition(u32, Option<u32>, Box<Abnf>),
    /// `"text"`, without regard to case unless `%s`.
    Text {
        /// The characters.
        text: Arc<str>,
        /// Whether case counts.
        exact: bool,
        /// Its place.
        span: Span,
    },
    /// `%x41-5A`
    Range(u32, u32, Span),
    /// `%x41.42.43`
    Values(Vec<u32>, Span),
    /// Another rule: a core rule or a declared type.
    Rule(Name),
}

/// `record NAME { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct RecordDef {
    /// Its name.
    pub name: Name,
    /// Its fields.
    pub fields: Vec<FieldDef>,
    /// All of it.
    pub span: Span,
}

/// `sql NAME(…) on DATABASE gives … as "…"`
#[derive(Debug, Clone, PartialEq)]
pub struct SqlDef {
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub parameters: Vec<FieldDef>,
    /// The database.
    pub database: Option<Name>,
    /// What it gives.
    pub gives: SqlGives,
    /// The text: its strings, each with its place.
    pub text: Vec<Name>,
    /// All of it.
    pub span: Span,
}

/// What a statement gives.
#[derive(Debug, Clone, PartialEq)]
pub enum SqlGives {
    /// `{ … }`
    Row(Vec<FieldDef>),
    /// `list of { … } at most N`
    Rows(Vec<FieldDef>, Expr),
    /// `nothing`
    Nothing,
}

/// `offers NAME { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct OffersDef {
    /// Its name.
    pub name: Name,
    /// Its lines.
    pub lines: Vec<AnswerLine>,
    /// All of it.
    pub span: Span,
}

/// `start state NAME has a, b? "title" { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct StateDef {
    /// Whether sessions begin here.
    pub start: bool,
    /// Its name.
    pub name: Name,
    /// The facts it has; `true` for an optional one.
    pub facts: Vec<(Name, bool)>,
    /// Its title.
    pub title: Option<Name>,
    /// `enter { … }`, with its place; more than one is a finding.
    pub enters: Vec<(Block, Span)>,
    /// `leave { … }`, with its place; more than one is a finding.
    pub leaves: Vec<(Block, Span)>,
    /// Its own handlers.
    pub handlers: Vec<HandlerDef>,
    /// All of it.
    pub span: Span,
}

/// `override on "…" alone quiet when … followed by … { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct HandlerDef {
    /// `override`, with its place.
    pub overrides: Option<Span>,
    /// How many times it was taken over: 0 for one of the protocol's own.
    pub taken: u8,
    /// The template.
    pub pattern: Pattern,
    /// `alone`
    pub alone: Option<Span>,
    /// `quiet`
    pub quiet: Option<Span>,
    /// `when …`
    pub guard: Option<Expr>,
    /// `followed by …`
    pub payload: Option<PayloadDef>,
    /// The body; a one-liner is a block with its answer and its ending, `stay` when none is written.
    pub body: Block,
    /// From `on` to the end of the head.
    pub span: Span,
}

/// `"SEND FROM:{sender: reverse_path}[ {params: send_params}]"`
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// Its parts.
    pub parts: Vec<PatternPart>,
    /// With its quotes.
    pub span: Span,
}

impl Pattern {
    /// Whether it stands for a request rather than for a line.
    pub fn is_request(&self) -> bool {
        matches!(self.parts[..], [PatternPart::Request(_)])
    }
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq)]
pub enum PatternPart {
    /// `request`, in place of a template: a block of attributes. It is all of its pattern.
    Request(Span),
    /// Literal text.
    Literal(Arc<str>, Span),
    /// `{name: type}`; without a type it is `text`.
    Hole {
        /// The name.
        name: Name,
        /// The type.
        ty: Option<TypeRef>,
        /// With its braces.
        span: Span,
    },
    /// `[…]`
    Optional(Vec<PatternPart>, Span),
}

/// `followed by n octets as x at most N else ANSWER [ENDING] failed(why) ANSWER [ENDING]`, or `followed by literal as x …`
#[derive(Debug, Clone, PartialEq)]
pub struct PayloadDef {
    /// How many; of a literal, absent.
    pub count: Option<Expr>,
    /// The name of the payload.
    pub name: Name,
    /// The bound.
    pub most: Expr,
    /// The answer when there were more.
    pub refused: Block,
    /// The answer when it could not be kept.
    pub failed: Option<OutcomeDef>,
    /// All of it.
    pub span: Span,
}

/// `routine NAME needs a, b? { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct RoutineDef {
    /// Its name.
    pub name: Name,
    /// The facts that must be there.
    pub needs: Vec<(Name, bool)>,
    /// Its body.
    pub body: Block,
    /// All of it.
    pub span: Span,
}

/// `public client NAME(a: type = default, …) gives variant(a: type) | variant { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct ClientDef {
    /// `public`, with its place: a configuration may name it.
    pub public: Option<Span>,
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub parameters: Vec<FieldDef>,
    /// What it gives, without `failed`.
    pub variants: Vec<(Name, Vec<FieldDef>)>,
    /// Its body.
    pub body: Block,
    /// All of it.
    pub span: Span,
}

/// One line of `unexpected` or `limits`: `bad arguments -> 501 …`, `idle 5 minutes -> 421 … close`,
/// `talking early within 5 seconds { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerRule {
    /// Its words, as in `bad arguments`.
    pub words: Vec<Name>,
    /// The number behind them.
    pub amount: Option<Expr>,
    /// Whether `within` stood before the number.
    pub within: bool,
    /// The texts behind the words, as in `foreign "WORD" "WORD"`.
    pub verbs: Vec<Name>,
    /// What is done.
    pub body: Block,
    /// The words.
    pub span: Span,
}

/// `promise "…" { never … unless … }`, kept as text until it is proved.
#[derive(Debug, Clone, PartialEq)]
pub struct PromiseDef {
    /// What it says.
    pub text: Name,
    /// What must never happen.
    pub event: Event,
    /// Unless this holds.
    pub unless: Condition,
    /// All of it.
    pub span: Span,
}

/// `reload { finish old sessions TIME  move at STATE, STATE }`
#[derive(Debug, Clone, PartialEq)]
pub struct ReloadDef {
    /// How long sessions of an old version may go on, each time that it is said.
    pub finish: Vec<Expr>,
    /// The states where sessions of an old version move.
    pub moves: Vec<Name>,
    /// All of it.
    pub span: Span,
}

/// What a promise speaks of.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// `ask NAME`
    Ask(Name),
    /// `reply CODE`
    Reply(Name),
    /// `in STATE`
    In(Name),
    /// `add to PLACE`
    Add(Vec<Name>),
    /// `on "TEMPLATE"`
    On(Pattern),
}

/// The condition of a promise: any of these.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Any of them.
    Any(Vec<Condition>),
    /// `NAME answered OUTCOME`
    Answered(Name, Name),
    /// An expression.
    Holds(Expr),
}

/// `{ … }`, or a one-liner.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Its statements.
    pub statements: Vec<Statement>,
    /// With its braces.
    pub span: Span,
}

/// A statement with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it does.
    pub kind: StatementKind,
    /// All of it, its block included.
    pub span: Span,
}

impl Statement {
    /// The blocks in it, one level down.
    pub fn blocks(&self) -> Vec<&Block> {
        use StatementKind as Kind;
        match &self.kind {
            Kind::Require(_, block) | Kind::If(_, block, None) => vec![block],
            Kind::If(_, then, Some(otherwise)) => vec![then, otherwise],
            Kind::Ask(ask) => ask.outcomes.iter().map(|outcome| &outcome.body).collect(),
            Kind::Receive { outcomes, .. } => outcomes.iter().map(|outcome| &outcome.body).collect(),
            Kind::Find(find) => find.otherwise.iter().collect(),
            Kind::Add(_, _, otherwise) => otherwise.iter().collect(),
            Kind::ForEach(each) => vec![&each.body],
            Kind::Await(def) => {
                let others = def.otherwise.iter().map(|(_, block, _)| block);
                let silent = def.silent.iter().map(|(block, _)| block);
                def.arms.iter().map(|arm| &arm.body).chain(others).chain(silent).collect()
            }
            Kind::Let(..)
            | Kind::Say(_)
            | Kind::Reply(_)
            | Kind::Silent
            | Kind::Remove(..)
            | Kind::Count { .. }
            | Kind::Log(..)
            | Kind::Pause(_)
            | Kind::Prepend { .. }
            | Kind::StartTls(_)
            | Kind::Goto { .. }
            | Kind::Stay(_)
            | Kind::Close
            | Kind::Run(_)
            | Kind::Connect { .. }
            | Kind::Send(_)
            | Kind::SendLines(_)
            | Kind::Secure { .. }
            | Kind::Give(..)
            | Kind::Broken => Vec::new(),
        }
    }
}

/// Who may say a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Handlers and clients.
    Both,
    /// Handlers, and what stands in their place.
    Handlers,
    /// Clients.
    Clients,
}

/// The word that each statement begins with: where one begins again behind one that cannot be read.
pub const STATEMENT_WORDS: [&str; 26] = [
    "let", "require", "if", "ask", "say", "reply", "silent", "receive", "add", "count", "log", "pause", "for",
    "answer", "prepend", "remove", "find", "start", "goto", "stay", "close", "run", "connect", "await", "send", "give",
];

impl StatementKind {
    /// The words that it begins with, and who may say it.
    pub fn role(&self) -> (&'static str, Who) {
        use Who::{Both, Clients, Handlers};
        match self {
            StatementKind::Let(_, value) if value.prompts() => ("prompt", Handlers),
            StatementKind::Let(..) => ("let", Both),
            StatementKind::Require(..) => ("require", Both),
            StatementKind::If(..) => ("if", Both),
            StatementKind::Find(_) => ("find", Both),
            StatementKind::Log(..) => ("log", Both),
            StatementKind::ForEach(each) if !each.answers => ("for each", Both),
            StatementKind::ForEach(_) => ("answer each", Handlers),
            StatementKind::Connect { .. } => ("connect", Clients),
            StatementKind::Await(_) => ("await", Clients),
            StatementKind::Send(_) | StatementKind::SendLines(_) => ("send", Clients),
            StatementKind::Secure { .. } => ("start tls", Clients),
            StatementKind::Give(..) => ("give", Clients),
            StatementKind::Ask(_) => ("ask", Handlers),
            StatementKind::Say(_) => ("say", Handlers),
            StatementKind::Reply(_) => ("reply", Handlers),
            StatementKind::Silent => ("silent", Handlers),
            StatementKind::Receive { .. } => ("receive", Handlers),
            StatementKind::Add(..) => ("add", Handlers),
            StatementKind::Remove(..) => ("remove", Handlers),
            StatementKind::Count { .. } => ("count", Handlers),
            StatementKind::Pause(_) => ("pause", Handlers),
            StatementKind::Prepend { .. } => ("prepend header", Handlers),
            StatementKind::StartTls(_) => ("start tls then goto", Handlers),
            StatementKind::Goto { .. } => ("goto", Handlers),
            StatementKind::Stay(_) => ("stay", Handlers),
            StatementKind::Close => ("close", Handlers),
            StatementKind::Run(_) => ("run", Handlers),
            StatementKind::Broken => ("", Both),
        }
    }
}

/// The statements.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    /// `let x = …`
    Let(Name, LetValue),
    /// `require C else ANSWER [ENDING]`: the block holds answer and ending.
    Require(Expr, Block),
    /// `if C { … } else { … }`
    If(Expr, Block, Option<Block>),
    /// `ask …`
    Ask(AskDef),
    /// `say ANSWER`
    Say(Answer),
    /// `reply ANSWER`
    Reply(Answer),
    /// `silent`: a declared absence of an answer.
    Silent,
    /// `receive dotted lines into PLACE at most N { … }`
    Receive {
        /// Where to.
        into: Vec<Name>,
        /// The bound.
        most: Expr,
        /// What then.
        outcomes: Vec<OutcomeDef>,
    },
    /// `add X to PLACE [else ANSWER [ENDING]]`
    Add(Expr, Vec<Name>, Option<Block>),
    /// `remove X from LIST`
    Remove(Expr, Vec<Name>),
    /// `find x in LIST where C [else ANSWER [ENDING]]`
    Find(Box<FindDef>),
    /// `count NAME`, `count NAME per flight`
    Count {
        /// The counter.
        name: Name,
        /// Whether the lines of one flight count once: `per flight`.
        per_flight: bool,
    },
    /// `log LEVEL "…"`
    Log(Name, StringText),
    /// `pause TIME`
    Pause(Expr),
    /// `for each x in LIST [within TIME] { … }`, `answer each x in LIST [within TIME] { … }`
    ForEach(Box<EachDef>),
    /// `prepend header "NAME" "…" to PLACE`, `prepend header "NAME" { "…" "…" } to PLACE`
    Prepend {
        /// The name of the field.
        header: Name,
        /// Its lines.
        lines: Vec<StringText>,
        /// The record.
        to: Vec<Name>,
    },
    /// `start tls then goto STATE`
    StartTls(Name),
    /// `goto STATE with a = x, b = y without c`
    Goto {
        /// The target.
        state: Name,
        /// What is supplied.
        with: Vec<(Name, Expr)>,
        /// What is dropped.
        without: Vec<Name>,
    },
    /// `stay with a = x`
    Stay(Vec<(Name, Expr)>),
    /// `close`
    Close,
    /// `run ROUTINE`
    Run(Name),
    /// `connect to HOST port PORT within TIME`
    Connect {
        /// Where to.
        host: Expr,
        /// The port.
        port: Expr,
        /// For how long; its absence is a finding.
        within: Option<Expr>,
    },
    /// `await within TIME { … }`
    Await(AwaitDef),
    /// `send "…"`, `send { "…" "…" if CONDITION }`: one line, made of parts.
    Send(Vec<(StringText, Option<Expr>)>),
    /// `send dotted lines from X`
    SendLines(Expr),
    /// `start tls`, `start tls unverified`
    Secure {
        /// Whether the certificate is to be verified.
        verified: bool,
    },
    /// `give VARIANT(…)`
    Give(Name, Vec<Expr>),
    /// A statement that could not be read; already reported.
    Broken,
}

/// `for each x in LIST [within TIME] { … }`, `answer each x in LIST [within TIME] { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct EachDef {
    /// Whether each round gives one of the final answers.
    pub answers: bool,
    /// The element.
    pub item: Name,
    /// The list.
    pub list: Expr,
    /// The whole loop's time.
    pub within: Option<Expr>,
    /// The body.
    pub body: Block,
}

/// `find x in LIST where C else ANSWER [ENDING]`
#[derive(Debug, Clone, PartialEq)]
pub struct FindDef {
    /// The element.
    pub item: Name,
    /// The list.
    pub list: Expr,
    /// Which one.
    pub only: Expr,
    /// Answer and ending where there is none; without them the element is absent then.
    pub otherwise: Option<Block>,
}

/// `await within TIME { 250 "{text}" as code lines as list { … } otherwise as answer { … } }`
#[derive(Debug, Clone, PartialEq)]
pub struct AwaitDef {
    /// For how long; its absence is a finding.
    pub within: Option<Expr>,
    /// The arms.
    pub arms: Vec<ArmDef>,
    /// `otherwise`, each with the name for the answer; more than one is a finding.
    pub otherwise: Vec<(Option<Name>, Block, Span)>,
    /// `silent`, for when nothing comes; more than one is a finding.
    pub silent: Vec<(Block, Span)>,
    /// `await within TIME`, without the block.
    pub span: Span,
}

/// One kind of answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmDef {
    /// A code, a class of codes or a word.
    pub status: Name,
    /// What the text must look like.
    pub text: Option<Pattern>,
    /// The name for the status.
    pub code: Option<Name>,
    /// The name for the texts of all lines.
    pub lines: Option<Name>,
    /// What then.
    pub body: Block,
}

/// The right side of a `let`.
#[derive(Debug, Clone, PartialEq)]
pub enum LetValue {
    /// An expression; when it is absent, what stands behind `else`.
    Value(Expr, Option<Box<LetValue>>),
    /// `prompt ANSWER for TYPE`
    Prompt {
        /// What is said.
        answer: Answer,
        /// What must come back.
        ty: TypeRef,
        /// All of it.
        span: Span,
    },
}

impl LetValue {
    /// Whether it may ask the peer.
    pub fn prompts(&self) -> bool {
        match self {
            LetValue::Prompt { .. } => true,
            LetValue::Value(_, otherwise) => otherwise.as_deref().is_some_and(LetValue::prompts),
        }
    }
}

/// `ask NAME(…) using STATEMENT within TIME { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct AskDef {
    /// Whom.
    pub name: Name,
    /// With what.
    pub arguments: Vec<Expr>,
    /// The statement.
    pub using: Option<Name>,
    /// For how long; its absence is a finding.
    pub within: Option<Expr>,
    /// The outcomes.
    pub outcomes: Vec<OutcomeDef>,
    /// `ask NAME(…)`, without the block.
    pub span: Span,
}

/// `found(list) { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct OutcomeDef {
    /// Its name.
    pub name: Name,
    /// Names for its values.
    pub values: Vec<Name>,
    /// What then.
    pub body: Block,
}

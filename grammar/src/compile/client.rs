//! Clients: their heads, their bodies, and what they are asked with.
//!
//! Never: lets a client see a session, or a path of it end without giving something.

use std::sync::Arc;

use diagnostic::{Diagnostic, Span, suggest};
use program::{
    AnswerForm, AnswerPart, Client, ClientParameter, Exchange, Expr, Op, OutcomeSignature, SendPart, Text, Type, Value,
};

use crate::{
    check::{types, wire::FormPart},
    compile::{
        Compiler,
        expression::types_number,
        flow::Path,
        known::{Thing, Truth},
        scope::{BodyKind, Scope},
    },
    rules,
    tree::{self, AskDef, Name, Statement, StatementKind, StringPart, StringText, Who},
};

impl Compiler<'_> {
    /// Lowers every client, before anything that may ask one.
    pub(super) fn lower_clients(&mut self) {
        for place in 0..self.model.clients.len() {
            let client = self.client(place);
            self.lowered.clients.push(Arc::new(client));
        }
    }

    fn client(&mut self, place: usize) -> Client {
        let def = self.model.clients[place].def;
        let outcomes = self.model.clients[place].outcomes.clone();
        let mut scope = Scope::new(BodyKind::Client, None, 0);
        let mut parameters = Vec::new();
        for (field, ty) in def.parameters.iter().zip(self.model.clients[place].parameters.clone()) {
            let bare = Scope::new(BodyKind::Expression, None, 0);
            let default = field.default.as_ref().map(|default| match &ty {
                Some(ty) => self.expr_of(&bare, &Path::new(), default, ty),
                None => Expr::Constant(Value::Absent),
            });
            scope.bind(&field.name.text, ty.clone());
            parameters.push(ClientParameter { name: field.name.text.clone(), ty: ty.unwrap_or(Type::Text), default });
        }
        self.check_order(&parameters, &def.parameters);
        scope.gives = outcomes.clone();
        let form = self.form(def.name.span);

        let (code, origins) = (std::mem::take(&mut self.lowered.code), std::mem::take(&mut self.lowered.origins));
        let slots = std::mem::take(&mut self.lowered.slots);
        let doubts = self.lowered.doubts.len();
        let mut path = Path::new();
        path.known.learn([Truth::InTheClear]);
        if self.block(&mut scope, path, &def.body).is_some() {
            let end = Span { start: def.body.span.end.saturating_sub(1), ..def.body.span };
            self.findings.mend(
                &rules::clients::NO_GIVE,
                end,
                format!("a path comes to the end of `{}` without giving anything", def.name.text),
                format!("end it with  give  and one of  {}", givable(&outcomes)),
            );
        }
        let slots = usize::from(std::mem::replace(&mut self.lowered.slots, slots).max(scope.next));
        // They would speak of places in another code.
        self.lowered.doubts.truncate(doubts);
        let code = std::mem::replace(&mut self.lowered.code, code);
        let origins = std::mem::replace(&mut self.lowered.origins, origins);
        Client {
            name: def.name.text.clone(),
            public: def.public.is_some(),
            parameters,
            outcomes,
            form,
            code,
            origins,
            slots,
            origin: self.origin(def.name.span),
        }
    }

    /// Parameters with a default come last: an ask may leave out those at the end.
    fn check_order(&mut self, parameters: &[ClientParameter], written: &[tree::FieldDef]) {
        let last = parameters.iter().rposition(|parameter| parameter.default.is_none()).unwrap_or(0);
        for (parameter, field) in parameters.iter().zip(written).take(last) {
            if parameter.default.is_some() {
                let message = format!("`{}` has a default, and a parameter behind it has none", parameter.name);
                self.findings.mend(
                    &rules::look_ups::ARGUMENTS,
                    field.name.span,
                    message,
                    "put parameters with a default last: an ask leaves out those at the end",
                );
            }
        }
    }

    /// The wire's form of an answer, to be read backwards.
    fn form(&mut self, place: Span) -> AnswerForm {
        let forms = &self.model.wire;
        let all = std::iter::once(&forms.reply).chain(&forms.continued);
        let unreadable = all.into_iter().any(|form| {
            let behind = form.iter().skip_while(|part| **part != FormPart::Text).skip(1);
            behind.into_iter().any(|part| matches!(part, FormPart::Status | FormPart::Word))
                || form.contains(&FormPart::Tag)
        });
        let part = |part: &FormPart| match part {
            FormPart::Literal(text) => AnswerPart::Literal(text.clone()),
            FormPart::Status | FormPart::Word => AnswerPart::Status,
            FormPart::Text => AnswerPart::Text,
            FormPart::Tag => AnswerPart::Literal("".into()),
        };
        let blank = forms.blank_line;
        let form = AnswerForm {
            last: forms.reply.iter().map(part).collect(),
            continued: forms.continued.as_ref().map(|form| form.iter().map(part).collect()),
        };
        if unreadable {
            self.findings.mend(
                &rules::clients::UNREADABLE,
                place,
                "a client cannot read the answers of this wire: the status stands behind the text",
                "put {code} before {text} in  wire { reply … }",
            );
        }
        if blank {
            self.findings.mend(
                &rules::clients::UNREADABLE,
                place,
                "a client cannot read the answers of this wire: a blank line ends them",
                "take  then blank line  off  wire { reply … },  or the client away",
            );
        }
        form
    }

    /// What an ask hands to a client; what it leaves out at the end is its default.
    pub(super) fn client_arguments(&mut self, scope: &Scope, path: &Path, ask: &AskDef, client: &Client) -> Vec<Expr> {
        let (given, wanted) = (ask.arguments.len(), client.parameters.len());
        let least = client.parameters.iter().filter(|parameter| parameter.default.is_none()).count();
        if given < least || given > wanted {
            let takes = if least == wanted { format!("{wanted}") } else { format!("{least} to {wanted}") };
            let names: Vec<&str> = client.parameters.iter().map(|parameter| &*parameter.name).collect();
            self.findings.mend(
                &rules::look_ups::ARGUMENTS,
                ask.span,
                format!("`{}` takes {takes} values, and {given} are given", client.name),
                format!("write  {}({})", client.name, names.join(", ")),
            );
        }
        let mut arguments = Vec::new();
        for (place, parameter) in client.parameters.iter().enumerate() {
            arguments.push(match ask.arguments.get(place) {
                Some(argument) => self.expr_of(scope, path, argument, &parameter.ty),
                None => parameter.default.clone().unwrap_or(Expr::Constant(Value::Absent)),
            });
        }
        arguments
    }

    /// Whether a statement belongs to this kind of body; if not, that is told and the statement is passed over.
    pub(super) fn fits_role(&mut self, scope: &Scope, statement: &Statement) -> bool {
        let client = scope.kind == BodyKind::Client;
        if scope.kind == BodyKind::Leave {
            return self.fits_leave(statement);
        }
        let (word, who) = statement.kind.role();
        if matches!((who, client), (Who::Both, _) | (Who::Clients, true) | (Who::Handlers, false)) {
            return true;
        }
        let (message, help) = match (client, word) {
            (true, "start tls then goto") => ("a client has no states".to_owned(), "write  start tls"),
            (true, "ask") => ("a client asks nobody else".to_owned(), "ask before it, and hand it what was found"),
            (true, _) => (
                format!("a client cannot `{word}`"),
                "a client says  connect, await, send, start tls  and  give,  and  let, require, if, for each, find, log",
            ),
            (false, "start tls") => {
                ("`start tls` says not where to go on".to_owned(), "write  start tls then goto STATE")
            }
            (false, _) => {
                (format!("only a client can `{word}`"), "put it into  client NAME(…) gives … { … }  and ask that")
            }
        };
        self.findings.mend(&rules::clients::ROLE, statement.span, message, help);
        false
    }

    /// What only a client does.
    pub(super) fn exchange(&mut self, scope: &mut Scope, mut path: Path, statement: &Statement) -> Option<Path> {
        let span = statement.span;
        let exchange = match &statement.kind {
            StatementKind::Connect { host, port, within } => {
                if path.connected {
                    self.tell_connection(span, "this client has connected already", "ask a second client");
                }
                path.connected = true;
                let host = self.host(scope, &path, host);
                let port = self.expr_of(scope, &path, port, &types_number());
                let within = self.limit_of(scope, &mut path, within.as_ref(), "connecting", span);
                Exchange::Connect { host, port, within }
            }
            StatementKind::Await(def) => return self.await_answer(scope, path, def),
            StatementKind::Send(parts) => {
                self.needs_connection(&path, span);
                let parts = parts.iter().map(|(text, when)| self.send_part(scope, &path, text, when.as_ref()));
                Exchange::Send(parts.collect())
            }
            StatementKind::SendLines(value) => {
                self.needs_connection(&path, span);
                Exchange::SendLines(self.lines_of(scope, &path, value))
            }
            StatementKind::Secure { verified } => {
                self.needs_connection(&path, span);
                if path.known.tls() {
                    self.tell_connection(span, "TLS has begun already", "take it away");
                } else if !path.known.in_the_clear() {
                    self.tell_connection(span, "TLS may have begun already", "ask first:  if tls is absent { … }");
                }
                path.known.learn([Truth::Present(Thing::tls())]);
                path.known.no_longer_clear();
                Exchange::StartTls { verified: *verified }
            }
            StatementKind::Give(name, values) => {
                self.give(scope, &path, name, values, span);
                return None;
            }
            _ => return Some(path),
        };
        self.emit(Op::Exchange(exchange), span);
        Some(path)
    }

    fn needs_connection(&mut self, path: &Path, span: Span) {
        if !path.connected {
            let help = "begin with  connect to HOST port PORT within TIME";
            self.tell_connection(span, "this client has not connected yet", help);
        }
    }

    fn tell_connection(&mut self, span: Span, message: &str, help: &str) {
        self.findings.mend(&rules::clients::CONNECTION, span, message, help);
    }

    /// A time that must be there.
    pub(super) fn limit_of(
        &mut self,
        scope: &Scope,
        path: &mut Path,
        within: Option<&tree::Expr>,
        what: &str,
        span: Span,
    ) -> Expr {
        let Some(within) = within else {
            self.findings.mend(
                &rules::look_ups::NO_LIMIT,
                span,
                format!("nothing says how long {what} may take"),
                "write  within 5 seconds  behind it",
            );
            return Expr::Constant(Value::Absent);
        };
        self.expr_of(scope, path, within, &Type::Duration)
    }

    /// Whom to connect to. A text is held against the form of a name when it is used.
    fn host(&mut self, scope: &Scope, path: &Path, host: &tree::Expr) -> Expr {
        let value = self.certain(scope, path, host, None);
        if let Some(ty) = &value.ty
            && !matches!(ty, Type::Domain | Type::Ip | Type::HeloName | Type::Text | Type::Word)
        {
            let words = types::words(&self.model, ty);
            let message = format!("this is a {words}");
            self.findings.mend(&rules::types::MISMATCH, host.span, message, "a host is a domain, an ip or a text");
        }
        value.expr
    }

    /// One part of a line that is sent. A secret may stand in it where TLS is known to be up.
    fn send_part(&mut self, scope: &Scope, path: &Path, text: &StringText, when: Option<&tree::Expr>) -> SendPart {
        let mut here = path.clone();
        let when = when.map(|when| {
            let (condition, lesson) = self.condition(scope, path, when);
            here.known.learn(lesson.held);
            condition.expr
        });
        let mut pieces = Text::new();
        for part in &text.parts {
            match part {
                StringPart::Literal(literal, span) => {
                    if literal.contains(|c: char| c.is_control() && c != '\t') {
                        self.findings.mend(
                            &rules::replies::LINE_END,
                            *span,
                            "a control character inside a line",
                            "the line end is added; each line is a  send  of its own",
                        );
                    }
                    pieces.push(program::Piece::Literal(literal.clone()));
                }
                StringPart::Value(expr) => {
                    let value = self.certain(scope, &here, expr, None);
                    let secret = matches!(value.ty, Some(Type::Secret(_)));
                    if !secret {
                        self.check_printable(&value, expr);
                    } else if !here.known.tls() {
                        self.findings.mend(
                            &rules::secrets::IN_CLEAR,
                            expr.span,
                            "this secret would travel in the clear",
                            "send it behind  start tls,  or inside  if tls is present { … }",
                        );
                    }
                    // A text may stand where a secret is declared: a default, or what the caller gives.
                    let shown = value.expr;
                    let sent = if secret { program::Expr::Pure(program::Pure::Hidden, vec![shown]) } else { shown };
                    pieces.push(program::Piece::Value(sent));
                }
            }
        }
        SendPart { when, text: pieces }
    }

    /// What is sent as a dotted block: a payload, or a record with one called `body`.
    fn lines_of(&mut self, scope: &Scope, path: &Path, value: &tree::Expr) -> Expr {
        let typed = self.certain(scope, path, value, Some(&Type::Octets));
        let fits = match &typed.ty {
            None | Some(Type::Octets) => true,
            Some(Type::Record(shape)) => shape.index("body").is_some_and(|place| shape.fields[place].1 == Type::Octets),
            Some(_) => false,
        };
        if !fits {
            let words = typed.ty.as_ref().map(|ty| types::words(&self.model, ty)).unwrap_or_default();
            self.findings.mend(
                &rules::types::MISMATCH,
                value.span,
                format!("this is a {words}"),
                "octets are sent, or a record with  body : octets",
            );
        }
        typed.expr
    }

    fn give(&mut self, scope: &Scope, path: &Path, name: &Name, values: &[tree::Expr], span: Span) {
        let gives = scope.gives.clone();
        let Some(outcome) = gives.iter().position(|known| known.name == name.text) else {
            let help = suggest(&name.text, gives.iter().map(|known| &*known.name));
            let message = format!("this client does not give `{}`", name.text);
            let finding = Diagnostic::new(&rules::look_ups::UNKNOWN_OUTCOME, name.span, message);
            self.findings.add(finding.help(help).label(format!("it gives {}", givable(&gives))));
            return;
        };
        let wanted = &gives[outcome].values;
        if wanted.len() != values.len() {
            self.findings.mend(
                &rules::look_ups::ARGUMENTS,
                span,
                format!("`{}` has {} values, and {} are given", name.text, wanted.len(), values.len()),
                "give as many as the head declares",
            );
        }
        let pairs = values.iter().zip(wanted);
        let values = pairs.map(|(value, (_, ty))| self.expr_of(scope, path, value, ty)).collect();
        self.emit(Op::Exchange(Exchange::Give { outcome, values }), span);
    }
}

/// `up, down(…), failed(…)`, say.
fn givable(outcomes: &[OutcomeSignature]) -> String {
    let all: Vec<String> = outcomes
        .iter()
        .map(
            |outcome| {
                if outcome.values.is_empty() { outcome.name.to_string() } else { format!("{}(…)", outcome.name) }
            },
        )
        .collect();
    all.join(", ")
}

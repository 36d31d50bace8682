//! Functions: what they are given, and the type of what they give.
//!
//! Never: knows one by its name; `program` has a row for each.

use diagnostic::Span;
use program::{Expr, Form, Makes, Pure, Takes, Type, Value};

use crate::{
    check::types,
    compile::{Compiler, expression::types_number, flow::Path, place::Typed, scope::Scope},
    rules,
    tree::{self, ExprKind, Name, StringPart},
};

impl Compiler<'_> {
    /// The call of a function.
    pub(super) fn function(&mut self, scope: &Scope, path: &Path, name: &Name, arguments: &[tree::Expr]) -> Typed {
        let Some(function) = Pure::named(&name.text) else {
            self.tell_unknown_function(name);
            return Typed::broken();
        };
        let Form { usage, takes, makes, .. } = function.form();
        if arguments.len() != takes.len() {
            let is = match takes.len() {
                1 => format!("{} takes one value", name.text),
                wanted => format!("{} takes {wanted} values", name.text),
            };
            self.findings.mend(&rules::look_ups::ARGUMENTS, name.span, is, format!("write  {usage}"));
            return Typed::broken();
        }
        let mut values: Vec<Typed> =
            arguments.iter().map(|argument| self.certain(scope, path, argument, None)).collect();
        for (place, (takes, argument)) in takes.iter().zip(arguments).enumerate() {
            if *takes == Takes::NumberField {
                let field = self.number_field(values.first(), argument);
                values[place] = Typed::new(Expr::Constant(Value::Number(field)), types_number());
            } else {
                self.check_argument(*takes, &values[place], argument);
            }
        }
        let secret = || values.iter().any(is_secret);
        let ty = match makes {
            Makes::Number => Some(types_number()),
            Makes::Truth => Some(Type::YesNo),
            Makes::Text => Some(Type::Text),
            Makes::Base64 if !secret() => Some(Type::Base64),
            Makes::Base64 | Makes::Secret => Some(Type::Secret(Box::new(Type::Base64))),
            Makes::Network => Some(Type::Network),
            Makes::Same => values.first().and_then(|value| value.ty.clone()),
        };
        Typed { expr: Expr::Pure(function, values.into_iter().map(|value| value.expr).collect()), ty }
    }

    fn tell_unknown_function(&mut self, name: &Name) {
        let mut known: Vec<String> = Pure::ALL.iter().map(|function| format!("{}(…)", function.form().name)).collect();
        let last = known.pop().unwrap_or_default();
        self.findings.mend(
            &rules::names::UNKNOWN_ACTION,
            name.span,
            format!("no function is called `{}`", name.text),
            format!(
                "there are {} and {last}; whatever waits is asked:  ask NAME(…) within TIME {{ … }}",
                known.join(", ")
            ),
        );
    }

    fn check_argument(&mut self, takes: Takes, value: &Typed, argument: &tree::Expr) {
        match takes {
            Takes::Sized => self.check_countable(value, argument.span),
            Takes::Text => self.check_text(value, argument.span),
            Takes::Texts => {
                let each = |ty: Type| if let Type::List(inner) = ty { *inner } else { ty };
                self.check_text(&Typed { ty: value.ty.clone().map(each), ..value.clone() }, argument.span);
            }
            Takes::Paths => self.check_path(value, argument.span),
            Takes::TextOrSecret if is_secret(value) => {}
            Takes::TextOrSecret => self.check_text(value, argument.span),
            Takes::Printable => self.check_printable(value, argument),
            Takes::Printables => {
                if self.is_list(value, argument.span) {
                    self.check_printable(value, argument);
                }
            }
            Takes::Lines => self.fit(value, &Type::List(Box::new(Type::Text)), argument),
            Takes::Ip => self.fit(value, &Type::Ip, argument),
            Takes::Number => self.fit(value, &types_number(), argument),
            Takes::Time => self.fit(value, &Type::Time, argument),
            Takes::Records => {
                self.is_list(value, argument.span);
            }
            Takes::NumberField => {}
        }
    }

    fn is_list(&mut self, value: &Typed, span: Span) -> bool {
        match &value.ty {
            Some(Type::List(_)) => true,
            Some(other) => {
                let words = types::words(&self.model, other);
                self.findings.mend(
                    &rules::types::MISMATCH,
                    span,
                    format!("this is a {words}"),
                    "a list is wanted here",
                );
                false
            }
            None => false,
        }
    }

    /// The place of a field with a number in the records of a list.
    fn number_field(&mut self, list: Option<&Typed>, field: &tree::Expr) -> i64 {
        let Some(Type::List(inner)) = list.and_then(|list| list.ty.as_ref()) else { return 0 };
        let written = match &field.kind {
            ExprKind::Text(text) => match &text.parts[..] {
                [StringPart::Literal(literal, _)] => Some(literal.clone()),
                _ => None,
            },
            _ => None,
        };
        let place = match (&**inner, &written) {
            (Type::Record(shape), Some(name)) => {
                shape.index(name).filter(|place| types::is_number(&shape.fields[*place].1))
            }
            _ => None,
        };
        if place.is_none() {
            self.findings.mend(
                &rules::types::MISMATCH,
                field.span,
                "this names no number in the records of the list",
                "write the name of a field that is a number, as a text",
            );
        }
        place.unwrap_or_default() as i64
    }
}

fn is_secret(value: &Typed) -> bool {
    matches!(value.ty, Some(Type::Secret(_)))
}

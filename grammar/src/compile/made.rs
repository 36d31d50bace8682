//! Functions that make a text or a list out of another.
//!
//! Never: computes one.

use diagnostic::Span;
use program::{Expr, Pure, Type, Value};

use crate::{
    check::types,
    compile::{Compiler, flow::Path, place::Typed, scope::Scope},
    rules,
    tree::{self, ExprKind, Name, StringPart},
};

impl Compiler<'_> {
    /// The call of such a function; none if it is another one.
    pub(super) fn made(&mut self, scope: &Scope, path: &Path, name: &Name, arguments: &[tree::Expr]) -> Option<Typed> {
        let (function, form) = match &*name.text {
            "quoted" => (Pure::Quoted, "quoted(text)"),
            "joined" => (Pure::Joined, "joined(list, \"before each\", \"between\")"),
            "matches" => (Pure::Matches, "matches(text, pattern)"),
            "until" => (Pure::Until, "until(text, mark)"),
            "chosen" => (Pure::Chosen, "chosen(list, \"field\", ranges)"),
            "date" => (Pure::Date, "date(time, \"DD-Mon-YYYY\")"),
            _ => return None,
        };
        if arguments.len() != form.matches(',').count() + 1 {
            let is = format!("{} does not take {} values", name.text, arguments.len());
            self.findings.mend(&rules::look_ups::ARGUMENTS, name.span, is, format!("write  {form}"));
            return Some(Typed::broken());
        }
        let mut values: Vec<Typed> =
            arguments.iter().map(|argument| self.certain(scope, path, argument, None)).collect();
        let ty = match function {
            Pure::Quoted => {
                self.check_printable(&values[0], &arguments[0]);
                Type::Text
            }
            Pure::Joined => {
                if self.is_list(&values[0], arguments[0].span) {
                    self.check_printable(&values[0], &arguments[0]);
                }
                self.check_text(&values[1], arguments[1].span);
                self.check_text(&values[2], arguments[2].span);
                Type::Text
            }
            Pure::Matches | Pure::Until => {
                self.check_text(&values[0], arguments[0].span);
                self.check_text(&values[1], arguments[1].span);
                if function == Pure::Until { Type::Text } else { Type::YesNo }
            }
            Pure::Chosen => {
                self.check_text(&values[2], arguments[2].span);
                let field = self.number_field(&values[0], &arguments[0], &arguments[1])?;
                values[1] = Typed::new(Expr::Constant(Value::Number(field)), types_of_index());
                values[0].ty.clone()?
            }
            _ => {
                self.fit(&values[0], &Type::Time, &arguments[0]);
                self.check_text(&values[1], arguments[1].span);
                Type::Text
            }
        };
        Some(Typed::new(Expr::Pure(function, values.into_iter().map(|value| value.expr).collect()), ty))
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
    fn number_field(&mut self, list: &Typed, list_expr: &tree::Expr, field: &tree::Expr) -> Option<i64> {
        if !self.is_list(list, list_expr.span) {
            return Some(0);
        }
        let Some(Type::List(inner)) = &list.ty else { return Some(0) };
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
        Some(place.unwrap_or_default() as i64)
    }
}

fn types_of_index() -> Type {
    Type::Number { least: 0, most: i64::MAX }
}

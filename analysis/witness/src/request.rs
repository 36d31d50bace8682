//! Requests made of attributes, likely ones first.
//!
//! Never: gives a request that is not ended.

use std::collections::{BTreeMap, BTreeSet};

use program::{Attributes, Comparison, Expr, Field, Program, Value};

use crate::sample::{samples, words};

/// The most requests that are tried.
const MOST: usize = 120;

/// Values by the number of the attribute.
type Values = BTreeMap<usize, String>;

/// Requests for a handler: what its guard asks for, then one attribute after the other with each of its values.
pub(crate) fn requests(program: &Program, guard: Option<&Expr>) -> Vec<String> {
    let Some(attributes) = &program.wire.request else { return Vec::new() };
    let words = words(program);
    let values_of = |place: usize| values(program, &words, attributes, place);
    let all: Vec<Vec<String>> = (0..attributes.known.len()).map(values_of).collect();
    let mut base: Values =
        all.iter().enumerate().filter_map(|(place, values)| Some((place, values.first()?.clone()))).collect();
    if let Some(guard) = guard {
        obey(guard, true, &mut base, &all);
    }
    let mut found = vec![written(attributes, &base)];
    for (place, values) in all.iter().enumerate() {
        let mut other = base.clone();
        other.remove(&place);
        found.push(written(attributes, &other));
        for value in values {
            let mut other = base.clone();
            other.insert(place, value.clone());
            found.push(written(attributes, &other));
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|request| seen.insert(request.clone()));
    found.truncate(MOST);
    found
}

/// Requests with an attribute that fits nothing.
pub(crate) fn misfits(program: &Program) -> Vec<String> {
    let Some(attributes) = &program.wire.request else { return Vec::new() };
    (0..attributes.known.len()).map(|place| written(attributes, &Values::from([(place, "<?".to_owned())]))).collect()
}

fn values(program: &Program, words: &[String], attributes: &Attributes, place: usize) -> Vec<String> {
    let lexeme = program.lexemes.get(usize::from(attributes.known[place].lexeme.0));
    let Some(lexeme) = lexeme else { return Vec::new() };
    let mut found = samples(program, &lexeme.ty, words);
    found.push(lexeme.sample.to_string());
    found.retain(|value| !value.is_empty());
    found
}

/// Changes a request so that a guard holds, as far as that is plain from its form.
fn obey(guard: &Expr, held: bool, base: &mut Values, all: &[Vec<String>]) {
    match guard {
        Expr::Not(inner) => obey(inner, !held, base, all),
        Expr::All(list) if held => list.iter().for_each(|part| obey(part, true, base, all)),
        Expr::Any(list) if !held => list.iter().for_each(|part| obey(part, false, base, all)),
        Expr::Any(list) => list.iter().take(1).for_each(|part| obey(part, true, base, all)),
        Expr::Compare { left, comparison: Comparison::Equal, right, .. } if held => {
            if let (Some(place), Expr::Constant(Value::Text(text))) = (attribute(left), &**right) {
                base.insert(place, text.to_string());
            }
        }
        Expr::Present(inner) => {
            if let Some(place) = attribute(inner) {
                match all.get(place).and_then(|values| values.first()) {
                    Some(value) if held => drop(base.insert(place, value.clone())),
                    _ => drop(base.remove(&place)),
                }
            }
        }
        _ => {}
    }
}

fn attribute(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Field(base, Field::Index(place)) if **base == Expr::Capture(0) => Some(usize::from(*place)),
        _ => None,
    }
}

fn written(attributes: &Attributes, values: &Values) -> String {
    let line = |(place, value): (&usize, &String)| {
        format!("{}{}{value}\n", attributes.known[*place].name, attributes.separator)
    };
    values.iter().map(line).collect()
}

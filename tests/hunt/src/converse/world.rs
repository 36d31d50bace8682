//! What the world answers: always the same to the same question, and drawn by chance.
//!
//! Never: asks a network or a database.

use std::time::Duration;

use program::{Address, Call, Gives, Network, Octets, Outcome, Record, Secret, Shape, Target, Type, Value};

use super::SECRET;
use crate::chance::{Chance, hash};

/// The world of one conversation.
#[derive(Debug, Clone, Copy)]
pub struct World(pub u64);

impl World {
    /// The answer to a call; none where it never comes.
    pub fn answer(self, call: &Call) -> Option<Outcome> {
        let asked = format!("{} {:?}", call.target.name(), call.arguments);
        let mut chance = Chance::new(self.0 ^ hash(asked.as_bytes()));
        let outcomes = call.target.outcomes().len();
        match chance.below(8) {
            0 => return None,
            1 => return Some(Outcome::failed(&call.target, "it cannot")),
            _ => {}
        }
        let index = chance.below(outcomes);
        if index + 1 == outcomes {
            return Some(Outcome::failed(&call.target, "not now"));
        }
        let values: Vec<Value> = types(&call.target, index).iter().map(|ty| value(&mut chance, ty)).collect();
        Some(Outcome { index, values: values.into() })
    }

    /// Whether the payload of that number can be kept.
    pub fn keeps(self, number: u32) -> bool {
        !Chance::new(self.0 ^ u64::from(number) ^ 0x5900).one_in(9)
    }
}

fn types(target: &Target, index: usize) -> Vec<Type> {
    let of = |values: &[(std::sync::Arc<str>, Type)]| values.iter().map(|value| value.1.clone()).collect();
    match target {
        Target::Action(signature) => of(&signature.outcomes[index].values),
        Target::Client(client) => of(&client.outcomes[index].values),
        Target::Statement(statement) => match (&statement.gives, statement.gives.outcomes()[index]) {
            (Gives::Row(shape), "row") => vec![Type::Record(shape.clone())],
            (Gives::Rows(shape, _), "rows") => vec![Type::List(Box::new(Type::Record(shape.clone())))],
            (_, "done") => vec![Type::Number { least: 0, most: 3 }],
            _ => Vec::new(),
        },
    }
}

fn record(chance: &mut Chance, shape: &std::sync::Arc<Shape>) -> Value {
    let fields: Vec<Value> = shape.fields.iter().map(|(_, ty)| value(chance, ty)).collect();
    Value::from(Record::new(shape.clone(), fields))
}

/// A value of a type.
fn value(chance: &mut Chance, ty: &Type) -> Value {
    match ty {
        Type::Number { least, most } => {
            Value::Number((*chance.pick(&[0, 1, 2, 3, 5, *least, *most])).clamp(*least, *most))
        }
        Type::Size => Value::Number(*chance.pick(&[0, 1, 2, 7])),
        Type::Duration => Value::Duration(Duration::from_secs(*chance.pick(&[0, 1, 5]))),
        Type::Time => Value::Time(*chance.pick(&[0, 1_795_000_000, 1_795_000_005])),
        Type::YesNo => Value::Yes(chance.one_in(2)),
        Type::Ip => Value::Ip([192, 0, 2, 9].into()),
        Type::Network => Value::Network(Network { address: [192, 0, 2, 0].into(), prefix: 24 }),
        Type::ReversePath | Type::ForwardPath => Value::Address(Address { text: "a@b.c".into(), at: Some(1) }),
        Type::Octets => Value::Octets(Octets::default()),
        Type::List(element) => Value::List((0..1 + chance.below(3)).map(|_| value(chance, element)).collect()),
        Type::Optional(inner) => {
            if chance.one_in(2) {
                Value::Absent
            } else {
                value(chance, inner)
            }
        }
        Type::Secret(_) => Value::Secret(Secret::new(format!("{SECRET}world").as_bytes())),
        Type::Record(shape) => record(chance, shape),
        Type::Domain | Type::HeloName => Value::Text("example.com".into()),
        Type::Word | Type::Sink | Type::Lexical(_) => Value::Text((*chance.pick(&["a", "b", "A"])).into()),
        _ => Value::Text((*chance.pick(&["a", "b", "ann@example.com", "two words"])).into()),
    }
}

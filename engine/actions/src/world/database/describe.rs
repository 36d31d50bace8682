//! What a live database says of a statement, held against what the file declares of it.
//!
//! Never: asks; the databases do.

use program::{Gives, Statement, Type};

/// What is wrong with a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Of what kind.
    pub fault: Fault,
    /// What is.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// What can be wrong with a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The database does not take it: an unknown table or column, a slip of the pen.
    Refused,
    /// A column that the file declares is not in what the statement gives.
    Column,
    /// A column is of a type that can never be what the file declares.
    ColumnType,
    /// A parameter is wanted as a type that what the file declares can never be.
    ParameterType,
}

/// What a database says of a statement.
pub(super) enum Described {
    /// It takes it.
    Taken {
        /// What it gives, by name.
        columns: Vec<Place>,
        /// What it takes: the name of a parameter and what it wants there. Databases that do not know say nothing.
        parameters: Vec<Place>,
    },
    /// It does not, and says why.
    Refused(String),
}

/// A column or a parameter.
pub(super) struct Place {
    /// Its name.
    pub(super) name: String,
    /// The database's name for its type.
    pub(super) ty: String,
    /// What can be in it.
    pub(super) holds: Holds,
}

/// What can be in a column, or be given to a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Whole numbers.
    Integer,
    /// Numbers with a fraction.
    Real,
    /// Exact decimal numbers, whole ones among them.
    Decimal,
    /// Texts.
    Text,
    /// Octets.
    Octets,
    /// Addresses and networks.
    Address,
    /// Dates and moments.
    Moment,
    /// Spans of time.
    Span,
    /// Yes or no.
    Yes,
    /// Anything, as far as can be told.
    Anything,
    /// What no value of the language is.
    Foreign,
}

/// Everything that is wrong with a statement, in the order of the file.
pub(super) fn judge(asked: &Statement, described: Described) -> Vec<Complaint> {
    let (columns, parameters) = match described {
        Described::Taken { columns, parameters } => (columns, parameters),
        Described::Refused(why) => {
            let message = format!("the database `{}` refuses the statement `{}`: {why}", asked.database, asked.name);
            let help = "compare the tables and columns with those of the database".to_owned();
            return vec![Complaint { fault: Fault::Refused, message, help }];
        }
    };
    let mut complaints = Vec::new();
    for (name, ty) in &asked.parameters {
        let wanted = parameters.iter().find(|parameter| *parameter.name == **name);
        if let Some(wanted) = wanted.filter(|wanted| !takes(wanted.holds, ty)) {
            let message = format!("the database takes {} for `:{name}`, and {} never is one", wanted.ty, word(ty));
            let help = match wanted.holds {
                Holds::Moment => format!("a time travels as seconds: write to_timestamp(:{name})"),
                _ => format!("declare `{name}` as what the column is, or convert it: CAST(:{name} AS …)"),
            };
            complaints.push(Complaint { fault: Fault::ParameterType, message, help });
        }
    }
    if let Gives::Row(shape) | Gives::Rows(shape, _) = &asked.gives {
        for (name, ty) in &shape.fields {
            match columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)) {
                Some(column) if gives(column.holds, ty) => {}
                Some(column) => complaints.push(Complaint {
                    fault: Fault::ColumnType,
                    message: format!("the column `{name}` is {}, and {} is never read from it", column.ty, word(ty)),
                    help: format!("declare `{name}` as what the column is, or convert it: CAST({name} AS …) AS {name}"),
                }),
                None => complaints.push(missing(asked, name, &columns)),
            }
        }
    }
    complaints
}

fn missing(asked: &Statement, name: &str, columns: &[Place]) -> Complaint {
    let given: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
    let help = match given.as_slice() {
        [] => "a statement that gives no rows is declared as `gives nothing`".to_owned(),
        [only] => format!("it gives `{only}`: write {only} AS {name}"),
        given => format!("it gives {}: write … AS {name}", given.join(", ")),
    };
    let message = format!("the statement `{}` gives no column `{name}`", asked.name);
    Complaint { fault: Fault::Column, message, help }
}

/// Whether a value of that type can be read from such a column.
fn gives(holds: Holds, ty: &Type) -> bool {
    use Holds::{Address, Anything, Decimal, Foreign, Integer, Moment, Octets, Real, Span, Text, Yes};
    match (holds, ty) {
        (_, Type::Optional(ty)) => gives(holds, ty),
        (Anything, _) => true,
        (Foreign, _) => false,
        (_, Type::Secret(_)) => matches!(holds, Text | Octets),
        (_, Type::Number { .. } | Type::Size) => matches!(holds, Integer | Decimal),
        (_, Type::Time) => matches!(holds, Integer | Decimal | Moment),
        (_, Type::YesNo) => matches!(holds, Integer | Decimal | Yes),
        (_, Type::Duration) => matches!(holds, Integer | Real | Decimal | Span),
        (_, Type::Ip | Type::Network) => matches!(holds, Text | Address),
        _ => matches!(holds, Text | Address),
    }
}

/// Whether a value of that type can be given for such a parameter.
fn takes(holds: Holds, ty: &Type) -> bool {
    use Holds::{Address, Anything, Decimal, Foreign, Integer, Moment, Octets, Real, Span, Text, Yes};
    match (holds, ty) {
        (_, Type::Optional(ty)) => takes(holds, ty),
        (Anything | Text, _) => true,
        (Foreign, _) => false,
        (_, Type::Number { .. } | Type::Size | Type::Time) => matches!(holds, Integer | Real | Decimal | Span),
        (_, Type::YesNo) => matches!(holds, Integer | Real | Decimal | Yes),
        (_, Type::Duration) => matches!(holds, Integer | Real | Decimal | Span),
        (_, Type::Ip | Type::Network) => matches!(holds, Address),
        // What a text can say depends on the text: an address, a date or a name of the database's own.
        (Address | Moment | Octets, _) => true,
        _ => false,
    }
}

/// A type in the words of the language.
fn word(ty: &Type) -> &'static str {
    match ty {
        Type::Text | Type::Lexical(_) | Type::Written(_) | Type::Base64 | Type::Sink => "a text",
        Type::Word => "a word",
        Type::Number { .. } => "a number",
        Type::Size => "a size",
        Type::Duration => "a duration",
        Type::Time => "a time",
        Type::YesNo => "a yes or no",
        Type::Ip => "an address",
        Type::Network => "a network",
        Type::Domain | Type::HeloName => "a domain",
        Type::ReversePath | Type::ForwardPath | Type::LenientReversePath | Type::LenientForwardPath => "a path",
        Type::Secret(_) => "a secret",
        Type::Optional(ty) => word(ty),
        Type::Octets | Type::Params(_) | Type::Record(_) | Type::List(_) => "such a value",
    }
}

//! What can be wrong between a statement and its live database: one rule per kind of fault.
//!
//! Never: finds. The databases say what they take and give.

use diagnostic::{Rule, Severity};

const TAKEN: &str = "sql hash_of(login: text) gives { hash: secret text } as\n    \"SELECT pw_hash AS hash FROM accounts WHERE login = :login\"\n";

/// The database does not take the statement.
pub static REFUSED: Rule = Rule {
    code: "Q01",
    severity: Severity::Error,
    title: "the database refuses a statement",
    page: "The database was asked to prepare the statement and said no: a table or a column that it does not have, a \
           slip of the pen, a right that is missing. Nothing was carried out. `saywhen check --no-network` asks no \
           database.",
    accepted: TAKEN,
    refused: "sql hash_of(login: text) gives { hash: secret text } as\n    \"SELECT pw_hash AS hash FROM acounts WHERE login = :login\"\n",
};

/// A column that is not given.
pub static NO_COLUMN: Rule = Rule {
    code: "Q02",
    severity: Severity::Error,
    title: "a statement does not give a column that it declares",
    page: "Columns are found by their names, in any case and in any order; what the file declares after `gives` must be \
           among them. `AS` gives a column its name.",
    accepted: TAKEN,
    refused: "sql hash_of(login: text) gives { hash: secret text } as\n    \"SELECT pw_hash FROM accounts WHERE login = :login\"\n",
};

/// A column of a type that does not fit.
pub static COLUMN_TYPE: Rule = Rule {
    code: "Q03",
    severity: Severity::Error,
    title: "a column is of a type that never fits",
    page: "What the database keeps in the column can never be read as what the file declares, so every row would be \
           `failed`. Texts, names and addresses are read from texts; numbers and sizes from whole numbers; a yes or no \
           from 1 and 0 or a boolean; a time from seconds since 1970 or a moment; a duration from seconds or a span.",
    accepted: TAKEN,
    refused: "sql hash_of(login: text) gives { hash: number } as\n    \"SELECT pw_hash AS hash FROM accounts WHERE login = :login\"\n",
};

/// A parameter of a type that does not fit.
pub static PARAMETER_TYPE: Rule = Rule {
    code: "Q04",
    severity: Severity::Error,
    title: "a parameter is of a type that never fits",
    page: "The database wants another type for the parameter than the file can ever give, so every call would be \
           `failed`. Only PostgreSQL tells what it wants.",
    accepted: TAKEN,
    refused: "sql account(login: text) gives { quota: size } as\n    \"SELECT quota FROM accounts WHERE id = :login\"\n",
};

/// A database that could not be asked.
pub static UNASKED: Rule = Rule {
    code: "Q05",
    severity: Severity::Note,
    title: "a database was not asked",
    page: "The database cannot be reached, so its statements were not held against its tables. That is no fault of the \
           configuration: the server starts without it, and its statements answer `failed` until it is there.",
    accepted: "databases: { default: { url: \"sqlite:data/saywhen.db\", schema: data/schema.sql } }\n",
    refused: "databases: { default: { url: \"mysql://saywhen@db.example.com/mail\" } }\n",
};

/// All of them, by code.
pub static RULES: &[&Rule] = &[&REFUSED, &NO_COLUMN, &COLUMN_TYPE, &PARAMETER_TYPE, &UNASKED];

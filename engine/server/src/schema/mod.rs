//! Statements held against the live tables of their databases, for `saywhen check`.
//!
//! Never: changes a database, or takes one that cannot be asked for one that is wrong.

pub mod rules;

use std::{sync::Arc, time::Duration};

use actions::world::{Complaint, Fault, Inspector};
use diagnostic::{Diagnostic, Rule, Span};
use program::{Program, Statement};
use tokio::{runtime::Builder, time::timeout};

use crate::{
    config::{Config, Database},
    findings::Findings,
    startup::{binding::Bound, opening::world_database},
};

/// How long one database may take for all of its statements.
const MOST: Duration = Duration::from_secs(10);

/// Holds every statement of every protocol that a listener speaks against its database, all databases in turn.
pub fn check(config: &Config, bound: &[Bound], findings: &mut Findings) {
    // One thread is enough: nothing here is done at once.
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            config.databases.iter().for_each(|database| findings.list.push(unasked(database, &error.to_string())));
            return;
        }
    };
    let mut programs: Vec<&Arc<Program>> = Vec::new();
    for bound in bound {
        let program = bound.service.program();
        if !programs.iter().any(|known| Arc::ptr_eq(known, program)) {
            programs.push(program);
        }
    }
    for database in &config.databases {
        let statements =
            programs.iter().flat_map(|program| program.statements.iter().map(move |asked| (*program, asked)));
        let asked: Vec<_> = statements.filter(|(_, asked)| asked.database == database.name).collect();
        if !asked.is_empty() {
            runtime.block_on(inspect(database, &asked, findings));
        }
    }
}

async fn inspect(database: &Database, asked: &[(&Arc<Program>, &Arc<Statement>)], findings: &mut Findings) {
    let inspected = async {
        let inspector = Inspector::new(&world_database(database, None))?;
        for (program, asked) in asked {
            for complaint in inspector.inspect(asked).await? {
                let found = finding(complaint, place(program, asked, findings));
                findings.list.push(found);
            }
        }
        Ok::<(), Arc<str>>(())
    };
    let why: Arc<str> = match timeout(MOST, inspected).await {
        Ok(Ok(())) => return,
        Ok(Err(why)) => why,
        Err(_) => format!("it has not answered in {} seconds", MOST.as_secs()).into(),
    };
    findings.list.push(unasked(database, &why));
}

fn unasked(database: &Database, why: &str) -> Diagnostic {
    let message = format!("the database `{}` was not asked: {why}", database.name);
    let help = "its statements are as they are; `--no-network` asks none";
    Diagnostic::new(&rules::UNASKED, database.span, message).help(help)
}

fn finding(complaint: Complaint, place: Span) -> Diagnostic {
    let rule: &'static Rule = match complaint.fault {
        Fault::Refused => &rules::REFUSED,
        Fault::Column => &rules::NO_COLUMN,
        Fault::ColumnType => &rules::COLUMN_TYPE,
        Fault::ParameterType => &rules::PARAMETER_TYPE,
    };
    Diagnostic::new(rule, place, complaint.message).help(complaint.help)
}

/// Where the statement stands.
fn place(program: &Program, asked: &Statement, findings: &Findings) -> Span {
    let source = program.sources.get(usize::from(asked.origin.file));
    source
        .and_then(|source| findings.sources.rest_of_line(&source.name, asked.origin.line, asked.origin.column))
        .unwrap_or_default()
}

//! `saywhen check` holds statements against live tables, and passes over databases that cannot be reached.

use crate::{
    Services, Test,
    daemon::free_port,
    engine::{Engine, Outage},
    session::{PROTOCOL, command, folder, tables},
    stage::{on, perform, run},
};

pub(crate) const TESTS: &[Test] = &[
    ("statements_that_fit_their_live_tables_are_passed", statements_that_fit_their_live_tables_are_passed),
    ("statements_that_do_not_fit_are_found_at_their_place", statements_that_do_not_fit_are_found_at_their_place),
    ("a_parameter_that_never_fits_is_found", a_parameter_that_never_fits_is_found),
    ("a_database_that_is_not_there_is_a_note", a_database_that_is_not_there_is_a_note),
];

fn statements_that_fit_their_live_tables_are_passed(services: &Services) {
    let engines: [(&str, &dyn Engine); 2] = [("maria", services.mariadb()), ("elephant", services.postgres())];
    engines.iter().for_each(|(_, engine)| tables(*engine));
    let folder = folder(free_port(), &engines, "", PROTOCOL);
    let (code, said) = command(folder.path(), &["check"]);
    assert_eq!((code, said.contains("no findings")), (Some(0), true), "{said}");
    let made = folder.path().join("colours.db").exists();
    assert!(!made, "the embedded database is not made by a check");
}

/// What is wrong, and the code and the words that say so. Each stands in place of the statement of every database.
const FAULTS: &[(&str, &str, &[&str])] = &[
    ("{ colour: text } as \"SELECT colour FROM colors WHERE name = :name\"", "Q01", &["colors"]),
    ("{ colour: text } as \"SELECT color FROM colours WHERE name = :name\"", "Q01", &["color"]),
    (
        "{ colour: text } as \"SELECT name FROM colours WHERE name = :name\"",
        "Q02",
        &["gives no column `colour`", "it gives `name`: write name AS colour"],
    ),
    (
        "{ colour: number } as \"SELECT colour FROM colours WHERE name = :name\"",
        "Q03",
        &["the column `colour` is", "a number is never read from it"],
    ),
    ("{ colour: text } as \"DELETE FROM colours WHERE name = :name\"", "Q02", &["`gives nothing`"]),
];

fn statements_that_do_not_fit_are_found_at_their_place(services: &Services) {
    let engines: [(&str, &dyn Engine); 2] = [("maria", services.mariadb()), ("elephant", services.postgres())];
    engines.iter().for_each(|(_, engine)| tables(*engine));
    for (fault, rule, words) in FAULTS {
        let sound = "{ colour: text } as\n    \"SELECT colour FROM colours WHERE name = :name\"";
        let mut protocol = PROTOCOL.replace(sound, fault);
        if fault.contains("number") {
            protocol = protocol.replace("{r.colour}", "{r.colour}.");
        }
        let folder = folder(free_port(), &engines, "", &protocol);
        let (code, said) = command(folder.path(), &["check", "--format", "short"]);
        assert_eq!(code, Some(1), "{fault}: {said}");
        for statement in ["embedded", "maria", "elephant"] {
            let line =
                protocol.lines().position(|line| line.starts_with(&format!("sql {statement}("))).expect("it is there");
            let place = format!("colours.proto.dsl:{}:", line + 1);
            let found = said.lines().find(|found| found.contains(&place)).unwrap_or_else(|| panic!("{place} {said}"));
            assert!(found.contains(rule), "{found}");
        }
        let (_, said) = command(folder.path(), &["check"]);
        for word in *words {
            assert_eq!(said.matches(word).count() % 3, 0, "`{word}`: {said}");
            assert!(said.contains(word), "`{word}`: {said}");
        }
        let (code, said) = command(folder.path(), &["check", "--no-network"]);
        assert_eq!((code, said.contains("no findings")), (Some(0), true), "{said}");
    }
}

fn a_parameter_that_never_fits_is_found(services: &Services) {
    let engines: [(&str, &dyn Engine); 2] = [("maria", services.mariadb()), ("elephant", services.postgres())];
    engines.iter().for_each(|(_, engine)| tables(*engine));
    let actions = on(crate::engine::database(services.postgres(), |_| {}));
    run(perform(&actions, "ALTER TABLE colours ADD COLUMN number integer DEFAULT 1, ADD COLUMN seen timestamptz"));
    for (condition, parameter, wanted) in [
        ("number = :name", "name: text", "the database takes int4 for `:name`, and a text never is one"),
        ("seen > :name", "name: text", ""),
    ] {
        let sound = "sql elephant(name: text) on elephant gives { colour: text } as\n    \"SELECT colour FROM colours WHERE name = :name\"";
        let faulty = format!(
            "sql elephant({parameter}) on elephant gives {{ colour: text }} as\n    \"SELECT colour FROM colours WHERE {condition}\""
        );
        let folder = folder(free_port(), &engines, "", &PROTOCOL.replace(sound, &faulty));
        let (code, said) = command(folder.path(), &["check", "--format", "short"]);
        if wanted.is_empty() {
            assert_eq!(code, Some(0), "{said}");
        } else {
            assert_eq!(code, Some(1), "{said}");
            assert!(said.contains("Q04") && said.contains(wanted), "{said}");
        }
    }
}

fn a_database_that_is_not_there_is_a_note(services: &Services) {
    let (maria, elephant) = &mut *services.hurt();
    maria.kill();
    elephant.kill();
    let folder = folder(free_port(), &[("maria", maria), ("elephant", elephant)], "", PROTOCOL);
    let (code, said) = command(folder.path(), &["check", "--format", "short"]);
    assert_eq!(code, Some(0), "{said}");
    for name in ["maria", "elephant"] {
        assert!(
            said.contains(&format!("the database `{name}` was not asked: no connection to 127.0.0.1 port ")),
            "{said}"
        );
    }
    assert_eq!(said.matches("note[Q05]").count(), 2, "{said}");
}

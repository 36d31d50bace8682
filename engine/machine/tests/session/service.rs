//! Binding a program to a listener.
//!
//! Never: reads a configuration file.

use std::sync::Arc;

use machine::{BindError, Binding, Given, Service};
use program::*;

use crate::{
    player::check_bound,
    protocol::{Protocol, number},
};

fn protocol() -> Protocol {
    let mut p = Protocol::new();
    let mut setting = |name: &str, ty, default| p.program.settings.push(Setting { name: name.into(), ty, default });
    setting("hostname", Type::Domain, Some(Expr::Known(Known::LocalName)));
    setting("domains", Type::List(Box::new(Type::Domain)), Some(Expr::List(vec![])));
    setting("most", Type::Number { least: 1, most: 9 }, Some(number(5)));
    setting("open", Type::YesNo, None);
    p
}

fn binding(settings: &[(&str, Given)]) -> Binding {
    let settings = settings.iter().map(|(name, given)| ((*name).to_owned(), given.clone())).collect();
    Binding { name: "mx.example".into(), settings, ..Binding::default() }
}

fn text(text: &str) -> Given {
    Given::Text(text.into())
}

#[test]
fn settings_are_decoded_and_defaults_filled_in() {
    let domains = Given::List(vec!["a.example".into(), "b.example".into()]);
    let service =
        Service::bind(Arc::new(protocol().program), &binding(&[("open", text("yes")), ("domains", domains)])).unwrap();
    let domain = |name: &str| Value::Text(name.into());
    assert_eq!(service.setting("hostname"), Some(&domain("mx.example")));
    assert_eq!(service.setting("domains"), Some(&Value::List(vec![domain("a.example"), domain("b.example")])));
    assert_eq!(service.setting("most"), Some(&Value::Number(5)));
    assert_eq!(service.setting("open"), Some(&Value::Yes(true)));
    assert_eq!(service.setting("other"), None);
}

#[test]
fn every_fault_of_the_settings_is_reported() {
    let given = [("hostnam", text("x")), ("zebra", text("x")), ("most", text("10"))];
    let errors = Service::bind(Arc::new(protocol().program), &binding(&given)).unwrap_err();
    assert_eq!(
        errors,
        [
            BindError::Unknown { name: "hostnam".into() },
            BindError::Unknown { name: "zebra".into() },
            BindError::Misfit { name: "most".into(), given: "10".into(), wants: "a number from 1 to 9".into() },
            BindError::Missing { name: "open".into() },
        ]
    );
}

#[test]
fn answers_know_the_settings() {
    let mut p = protocol();
    let only = p.state("only", &[]);
    let entry = p.stay("{} takes {}", &[Expr::Setting(SettingId(0)), Expr::Setting(SettingId(1))]);
    p.on(only, "GO", entry);
    let domains = Given::List(vec!["a.example".into(), "b.example".into()]);
    check_bound(
        &p.finish(),
        &binding(&[("open", text("no")), ("domains", domains)]),
        "open\n > GO\n < mx.example takes a.example, b.example",
    );
}

//! The conversation as people may see it.
//!
//! Never: a password.

use machine::Binding;
use program::*;

use crate::{
    mail::mail,
    player::check_bound,
    protocol::{Protocol, With},
};

fn check(program: &std::sync::Arc<Program>, script: &str) {
    check_bound(program, &Binding { name: "mx".into(), converse: true, ..Binding::default() }, script);
}

#[test]
fn secrets_are_masked_even_in_lines_that_do_not_fit() {
    check(
        &mail().finish(),
        r#"
        open
        < 220 mx ready
        ! said 220 mx ready
        > EHLO x
        ! heard EHLO x
        < 250 hello x
        ! said 250 hello x
        >> NOOP \x07\xff\r\n
        ! heard NOOP ??
        < 501 usage: NOOP[ {rest:text}]
        ! said 501 usage: NOOP[ {rest:text}]
        > AUTH PLAIN geheim
        ! heard AUTH PLAIN ***
        < 235 plain ***
        ! said 235 plain ***
        > AUTH PLAIN geheim geheim
        ! heard AUTH
        < 501 usage: AUTH PLAIN {blob:secret}
        ! said 501 usage: AUTH PLAIN {blob:secret}
        > AUTH NTLM geheim
        ! heard AUTH
        < 504 not NTLM
        ! said 504 not NTLM
        > AUTH LOGIN
        ! heard AUTH
        < 334 name
        ! said 334 name
        > me
        ! heard me
        < 334 word
        ! said 334 word
        > geheim
        ! heard ***
        ! call validate("me", ***)
        = 0
        < 235 welcome me
        ! said 235 welcome me
        > LOGN me geheim
        ! heard ***
        < 500 what is ***
        ! said 500 what is ***
        >> NOOP \x07\xff\r\n
        ! heard ***
        < 501 usage: NOOP[ {rest:text}]
        ! said 501 usage: NOOP[ {rest:text}]
        > NOOP it works
        ! heard NOOP it works
        < 250 ok
        ! said 250 ok
        "#,
    );
}

#[test]
fn an_exchange_that_is_quiet_does_not_show() {
    let mut p = Protocol::new();
    let only = p.state("only", &[]);
    let ok = p.stay("ok", &[]);
    p.on_with(only, "TELL {x:digit}", ok, With { quiet: true, ..With::default() });
    p.on(only, "NOOP", ok);
    check(
        &p.finish(),
        r"
        open
        > TELL 7
        < ok
        > TELL seven
        < 501 usage: TELL {x:digit}
        > NOOP
        ! heard NOOP
        < ok
        ! said ok
        ",
    );
}

#[test]
fn an_answer_shows_a_line_only_where_no_secret_may_stand() {
    let mut p = mail();
    p.program.unexpected.bad_arguments = p.stay("501 not {}", &[Expr::Known(Known::Line)]);
    crate::player::check(
        &p.finish(),
        r"
        open
        < 220 mx.example ready
        > EHLO a b
        < 501 not EHLO a b
        > EHLO a
        < 250 hello a
        > AUTH PLAIN geheim geheim
        < 501 not AUTH
        ",
    );
}

//! Lines, and who takes them.
//!
//! Never: payloads; they have a room of their own.

use program::*;

use crate::{
    mail::mail,
    player::check,
    protocol::{Protocol, With, number},
};

fn one_state() -> (Protocol, StateId) {
    let mut p = Protocol::new();
    let only = p.state("only", &[]);
    (p, only)
}

#[test]
fn a_bare_cr_or_lf_never_ends_a_line() {
    check(
        &mail().finish(),
        r"
        open
        < 220 mx.example ready
        >> NOOP\nNOOP\r\n
        < 500 what is ***
        >> NOOP \rNOOP\r\n
        < 501 usage: NOOP[ {rest:text}]
        >> NOOP\r
        >> \nNOOP\r\n
        < 250 ok
        < 250 ok
        ",
    );
}

#[test]
fn where_the_wire_says_lf_a_cr_is_part_of_the_line() {
    let (mut p, only) = one_state();
    p.program.wire.line_end = LineEnd::Lf;
    let ok = p.stay("ok {}", &[Expr::Capture(0)]);
    p.on(only, "SAY {rest:text}", ok);
    check(
        &p.finish(),
        r"
        open
        >> say a\n
        < ok a
        >> say a\r\n
        < 501 usage: SAY {rest:text}
        ",
    );
}

#[test]
fn blanks_between_words_and_at_the_end_do_not_matter() {
    check(
        &mail().finish(),
        r"
        open
        < 220 mx.example ready
        >> eHLo    you \t \r\n
        < 250 hello you
        > mail   from:<a@b>
        < 250 from a@b
        ",
    );
}

#[test]
fn every_line_that_nobody_takes_has_its_own_answer() {
    check(
        &mail().finish(),
        r"
        open
        < 220 mx.example ready
        > FOO bar
        < 500 what is ***
        > MAIL FROM:<a@b>
        < 503 try EHLO NOOP QUIT STARTTLS
        > EHLO
        < 501 usage: EHLO {name:word}
        >> \r\n
        < 500 what is…
        >> NOOP a\0b\r\n
        < 501 usage: NOOP[ {rest:text}]
        >> NOOP a\xffb\r\n
        < 501 usage: NOOP[ {rest:text}]
        >> \x00\xff\x07FOO x\r\n
        < 500 what is ***
        > MAIL: x
        < 503 try EHLO NOOP QUIT STARTTLS
        ",
    );
}

#[test]
fn the_longest_literal_claims_a_line_and_no_looser_hole_gets_it() {
    let (mut p, only) = one_state();
    let loose = p.stay("loose {}", &[Expr::Capture(0)]);
    let strict = p.stay("strict {}", &[Expr::Capture(0)]);
    p.on(only, "GET {rest:text}", loose);
    p.on(only, "GET NUMBER {n:digit}", strict);
    check(
        &p.finish(),
        r"
        open
        > GET x
        < loose x
        > GET NUMBER 7
        < strict 7
        > GET NUMBER x
        < 501 usage: GET NUMBER {n:digit}
        > GET NUMBER 70
        < 501 usage: GET NUMBER {n:digit}
        ",
    );
}

#[test]
fn a_handler_whose_guard_does_not_hold_claims_nothing() {
    let (mut p, only) = one_state();
    let yes = |yes: bool| Some(Expr::Constant(Value::Yes(yes)));
    let [a, b, c] = ["a", "b", "c"].map(|text| p.stay(text, &[]));
    p.on_with(only, "GET THIS {x:digit}", a, With { guard: yes(false), ..With::default() });
    p.on_with(only, "GET {rest:text}", b, With { guard: yes(true), ..With::default() });
    p.on_with(only, "PUT", c, With { guard: yes(false), ..With::default() });
    check(
        &p.finish(),
        r"
        open
        > GET THIS x
        < b
        > PUT
        < 503 try GET PUT
        ",
    );
}

#[test]
fn among_equal_claims_the_one_that_fits_takes_the_line() {
    let (mut p, only) = one_state();
    let [a, b] = ["digit", "path"].map(|text| p.stay(text, &[]));
    p.on(only, "GET {x:digit}", a);
    p.on(only, "GET {x:path}", b);
    check(
        &p.finish(),
        r"
        open
        > GET <a@b>
        < path
        > GET 7
        < digit
        > GET x
        < 501 usage: GET {x:digit}
        ",
    );
}

#[test]
fn a_hole_may_be_bounded() {
    let (mut p, only) = one_state();
    let ok = p.stay("ok {}", &[Expr::Capture(1)]);
    p.on_with(only, "GET {a:word} [{b:word}]", ok, With { bounds: vec![(0, 3)], ..With::default() });
    check(
        &p.finish(),
        r"
        open
        > GET abc defg
        < ok defg
        > GET abcd e
        < 501 usage: GET {a:word} [{b:word}]
        ",
    );
}

#[test]
fn a_line_that_is_too_long_is_answered_once_and_thrown_away() {
    let long = "x".repeat(300);
    let fits = "x".repeat(93);
    let over = "x".repeat(94);
    check(
        &mail().finish(),
        &format!(
            r"
            open
            < 220 mx.example ready
            > NOOP {fits}
            < 250 ok
            > NOOP {over}
            < 500 line too long
            > NOOP {long}
            < 500 line too long
            >> NOOP {long}
            < 500 line too long
            >> {long}\r
            >> {long}\n{long}\r
            >> \nNOOP\r\n
            < 250 ok
            "
        ),
    );
}

#[test]
fn only_a_handler_that_says_so_takes_a_longer_line() {
    let (mut p, only) = one_state();
    let [a, b] = ["long", "short"].map(|text| p.stay(text, &[]));
    p.on_with(only, "LONG {rest:text}", a, With { line_most: Some(300), ..With::default() });
    p.on(only, "SHORT {rest:text}", b);
    let text = "x".repeat(150);
    let more = "x".repeat(300);
    check(
        &p.finish(),
        &format!(
            r"
            open
            > LONG {text}
            < long
            > SHORT {text}
            < 500 line too long
            > OTHER {text}
            < 500 line too long
            > LONG {more}
            < 500 line too long
            > SHORT x
            < short
            "
        ),
    );
}

#[test]
fn nothing_may_lie_behind_a_command_that_stands_alone() {
    check(
        &mail().finish(),
        r#"
        open
        < 220 mx.example ready
        >> EHLO x\r\nMAIL FROM:<a@b>\r\n
        < 250 hello x
        < 250 from a@b
        >> RCPT TO:<c@d>\r\nDATA\r\nQUIT\r\n
        ! call mailbox("c@d")
        = 0 row
        < 250 to c@d
        ! log Warning 6 octets came before the answer that they had to wait for, and were thrown away
        < 503 wait for me
        ! close
        "#,
    );
}

#[test]
fn letters_count_where_the_wire_says_so() {
    let (mut p, only) = one_state();
    p.program.wire.exact_case = true;
    let ok = p.stay("ok", &[]);
    p.on_with(only, "Go", ok, With { guard: Some(Expr::Constant(Value::Yes(false))), ..With::default() });
    check(
        &p.finish(),
        r"
        open
        > Go
        < 503 try Go
        > GO
        < 500 what is GO
        ",
    );
}

#[test]
fn an_optional_hole_that_is_not_there_is_absent() {
    let (mut p, only) = one_state();
    let ok = p.stay("{}/{}", &[Expr::Capture(0), Expr::Present(Box::new(Expr::Capture(1)))]);
    p.on(only, "GET {a:number}[ {b:number}]", ok);
    let sum = p.stay("{}", &[Expr::Plus(Box::new(Expr::Capture(0)), Box::new(number(1)))]);
    p.on(only, "NEXT {a:number}", sum);
    check(
        &p.finish(),
        r"
        open
        > GET 1
        < 1/no
        > GET 1 2
        < 1/yes
        > NEXT 41
        < 42
        ",
    );
}

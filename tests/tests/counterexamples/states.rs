//! States that nothing leads out of, and bodies that run on.

use super::{Seed, check};

/// Nothing closes any more; then a state that leads only to itself is a trap.
const QUIT: (&str, &str) =
    ("-> 221 2.0.0 \"{settings.hostname} says goodbye\" close", "-> 221 2.0.0 \"{settings.hostname} says goodbye\"");
const TRAP: (&str, &str) = ("state rejected ", "state trap { on \"NOOP\" -> 250 \"Nothing\" }\nstate rejected ");

const fn trap(edits: &'static [(&'static str, &'static str)]) -> Seed {
    Seed { code: "G03", about: "trap", protocol: "smtp", edits, case: None }
}

#[test]
fn a_state_without_a_way_out_is_shown() {
    check(&[
        Seed { code: "G03", about: "rejected", protocol: "smtp", edits: &[QUIT], case: None },
        trap(&[
            QUIT,
            TRAP,
            ("on \"RSET\" -> 250 2.0.0 \"Forgotten\" goto ready", "on \"RSET\" -> 250 2.0.0 \"Forgotten\" goto trap"),
        ]),
        trap(&[
            QUIT,
            TRAP,
            (
                "on \"RSET\" -> 250 2.0.0 \"Nothing to forget\"",
                "on \"RSET\" -> 250 2.0.0 \"Nothing to forget\" goto trap",
            ),
        ]),
        trap(&[
            QUIT,
            TRAP,
            (
                "reply 550 5.1.8 \"{sender.domain} does not exist\"  stay",
                "reply 550 5.1.8 \"{sender.domain} does not exist\"  goto trap",
            ),
        ]),
        trap(&[
            QUIT,
            TRAP,
            ("There is no mailbox <{recipient}>\"  stay", "There is no mailbox <{recipient}>\"  goto trap"),
        ]),
        trap(&[
            QUIT,
            TRAP,
            (
                "reply 452 4.3.1 \"No room for the message just now\"  goto ready",
                "reply 452 4.3.1 \"No room for the message just now\"  goto trap",
            ),
        ]),
        trap(&[
            QUIT,
            TRAP,
            (
                "failed(why) 452 4.3.1 \"No room for the message just now\" goto ready",
                "failed(why) 452 4.3.1 \"No room for the message just now\" goto trap",
            ),
        ]),
        trap(&[
            QUIT,
            TRAP,
            (
                "reply 454 4.7.0 \"Cannot check passwords just now\"  stay",
                "reply 454 4.7.0 \"Cannot check passwords just now\"  goto trap",
            ),
        ]),
        trap(&[
            QUIT,
            TRAP,
            (
                "else 554 5.4.6 \"Too many hops: this message runs in a circle\" goto ready",
                "else 554 5.4.6 \"Too many hops: this message runs in a circle\" goto trap",
            ),
        ]),
        trap(&[QUIT, TRAP, ("-> 538 5.7.11 \"Say STARTTLS first\"", "-> 538 5.7.11 \"Say STARTTLS first\" goto trap")]),
    ]);
}

const fn runs_on(protocol: &'static str, edits: &'static [(&'static str, &'static str)]) -> Seed {
    Seed { code: "F01", about: "", protocol, edits, case: None }
}

#[test]
fn a_body_that_runs_on_is_shown() {
    check(&[
        runs_on("smtp", &[("        goto ready with client = name, spoken = \"ESMTP\"\n", "")]),
        runs_on("smtp", &[("        start tls then goto fresh\n", "")]),
        runs_on(
            "smtp",
            &[(
                "reply 501 5.5.2 \"That is not what PLAIN sends\"  stay",
                "reply 501 5.5.2 \"That is not what PLAIN sends\"",
            )],
        ),
        runs_on(
            "smtp",
            &[("reply 235 2.7.0 \"Welcome, {login}\"  stay with user = login", "reply 235 2.7.0 \"Welcome, {login}\"")],
        ),
        runs_on(
            "smtp",
            &[(
                "too_big     { reply 552 5.3.4 \"Too big: the limit is {settings.max_size} octets\"  goto ready }",
                "too_big     { reply 552 5.3.4 \"Too big: the limit is {settings.max_size} octets\" }",
            )],
        ),
        runs_on(
            "smtp",
            &[(
                "        reply 250 2.0.0 \"{count} octets received\"\n        goto chunking\n",
                "        reply 250 2.0.0 \"{count} octets received\"\n",
            )],
        ),
        runs_on("pop3", &[("        stay with octets = octets - m.octets\n", "")]),
        runs_on(
            "pop3",
            &[("reply -ERR \"That is no PLAIN response\"  stay", "reply -ERR \"That is no PLAIN response\"")],
        ),
        runs_on("pop3", &[("        reply +OK \"Goodbye\"\n        close\n", "        reply +OK \"Goodbye\"\n")]),
        runs_on("policy", &[("        reply DUNNO\n        stay\n", "        reply DUNNO\n")]),
    ]);
}

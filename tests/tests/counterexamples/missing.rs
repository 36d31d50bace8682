//! Outcomes that are not handled, and values and facts that may be absent.

use super::{NO_MAILBOX, Seed, check, check_unshown, seed};

#[test]
fn an_outcome_that_is_not_handled_is_shown() {
    check(&[
        seed(
            "L01",
            "smtp",
            &[(
                "failed(why) { log error \"{why}\"  reply 451 4.3.0 \"Cannot look up <{recipient}> just now\"  stay }",
                "",
            )],
        ),
        seed("L01", "smtp", &[(NO_MAILBOX, "")]),
        seed("L01", "smtp", &[("none             { reply 550 5.1.8 \"{sender.domain} does not exist\"  stay }", "")]),
        seed("L01", "smtp", &[("                clean       { }\n", "")]),
        seed("L01", "smtp", &[("failed(why) { log warning \"blacklists: {why}; {peer.ip} is let in\" }", "")]),
        seed("L01", "smtp", &[("malformed       { reply 501 5.5.2 \"That is not what PLAIN sends\"  stay }", "")]),
        seed("L01", "smtp", &[("malformed       { reply 501 5.5.2 \"That is not what LOGIN sends\"  stay }", "")]),
        seed(
            "L01",
            "pop3",
            &[("busy        { reply -ERR \"[IN-USE] Another session has the maildrop\"  goto stranger }", "")],
        ),
        seed("L01", "pop3", &[("none        { reply -ERR \"Message {n} is gone\"  stay }", "")]),
        seed("L01", "policy", &[("failed(why) { log error \"{why}\"  reply DUNNO  stay }", "")]),
    ]);
}

#[test]
fn each_of_several_unhandled_outcomes_is_shown_by_itself() {
    const NONE: &str = NO_MAILBOX;
    const FAILED: &str =
        "failed(why) { log error \"{why}\"  reply 451 4.3.0 \"Cannot look up <{recipient}> just now\"  stay }";
    const MAILBOX: Seed = seed("L01", "smtp", &[(NONE, ""), (FAILED, "")]);
    const REJECTED: &str =
        "rejected        { count logins  pause 2 seconds  reply 535 5.7.8 \"Wrong name or password\"  stay }";
    const MALFORMED: &str = "malformed       { reply 501 5.5.2 \"That is not what PLAIN sends\"  stay }";
    const BROKEN: &str =
        "failed(why)     { log error \"{why}\"  reply 454 4.7.0 \"Cannot check passwords just now\"  stay }";
    const LOGIN: Seed = seed("L01", "smtp", &[(REJECTED, ""), (MALFORMED, ""), (BROKEN, "")]);
    const TOO_BIG: &str =
        "too_big     { reply 552 5.3.4 \"Too big: the limit is {settings.max_size} octets\"  goto ready }";
    const NOT_KEPT: &str =
        "failed(why) { log error \"{why}\"  reply 452 4.3.1 \"No room for the message just now\"  goto ready }";
    const BLOCK: Seed = seed("L01", "smtp", &[(TOO_BIG, ""), (NOT_KEPT, "")]);
    check(&[
        MAILBOX.about("`none`").case(NONE, "none { count mistakes  reply 599 5.0.0 \"The very case\"  stay }"),
        MAILBOX
            .about("`failed`")
            .case(FAILED, "failed(why) { log error \"{why}\"  reply 499 4.0.0 \"The very case\"  stay }"),
        LOGIN.about("`rejected`").case(REJECTED, "rejected { count logins  reply 599 5.0.0 \"The very case\"  stay }"),
        LOGIN.about("`malformed`").case(MALFORMED, "malformed { reply 599 5.0.0 \"The very case\"  stay }"),
        LOGIN
            .about("`failed`")
            .case(BROKEN, "failed(why) { log error \"{why}\"  reply 499 4.0.0 \"The very case\"  stay }"),
        BLOCK.about("`too_big`").case(TOO_BIG, "too_big { reply 599 5.0.0 \"The very case\"  goto ready }"),
        BLOCK
            .about("`failed`")
            .case(NOT_KEPT, "failed(why) { log error \"{why}\"  reply 499 4.0.0 \"The very case\"  goto ready }"),
    ]);
}

#[test]
fn what_may_be_absent_is_shown() {
    check(&[
        seed(
            "T05",
            "smtp",
            &[("require parameters.size is absent or parameters.size <=", "require parameters.size <=")],
        )
        .case(
            "require parameters.size is absent or",
            "require parameters.size is present else 599 5.0.0 \"The very case\"  require parameters.size is absent or",
        ),
        seed(
            "T05",
            "smtp",
            &[("require parameters.body is absent or parameters.body in", "require parameters.body in")],
        )
        .case(
            "require parameters.body is absent or",
            "require parameters.body is present else 599 5.0.0 \"The very case\"  require parameters.body is absent or",
        ),
        seed(
            "T05",
            "smtp",
            &[("if settings.check_sender and sender.domain is present and", "if settings.check_sender and")],
        )
        .case(
            "sender.domain is present and user is absent and not peer.ip in settings.trusted {",
            "user is absent and not peer.ip in settings.trusted { require sender.domain is present else 599 5.0.0 \"The very case\"",
        ),
        seed(
            "T05",
            "smtp",
            &[("require recipient.domain is present and recipient.domain in", "require recipient.domain in")],
        )
        .case(
            "require recipient.domain is present and",
            "require recipient.domain is present else 599 5.0.0 \"The very case\"  require recipient.domain is present and",
        ),
        seed(
            "T05",
            "smtp",
            &[(
                "            and recipient.domain is present and not recipient.domain in",
                "            and not recipient.domain in",
            )],
        )
        .case(
            "if settings.outbound is present and (user is present or peer.ip in settings.trusted)\n",
            "if settings.outbound is present and (user is present or peer.ip in settings.trusted) {
            require recipient.domain is present else 599 5.0.0 \"The very case\"
        }
        if settings.outbound is present and (user is present or peer.ip in settings.trusted)\n",
        ),
        seed(
            "T05",
            "policy",
            &[(
                "require settings.greylisting and request.client_address is present else DUNNO",
                "require settings.greylisting else DUNNO",
            )],
        )
        .case(
            "require settings.greylisting and request.client_address is present else DUNNO",
            "require settings.greylisting else DUNNO  require request.client_address is present else DUNNO \"The very case\"",
        ),
        seed("T04", "smtp", &[("during filling {\n    # Alone", "during filling, ready {\n    # Alone")]),
        seed(
            "G04",
            "smtp",
            &[(
                "goto filling with mail = message { sender: sender, utf8: no, via: spoken, ret: ret, envid: envid }",
                "goto filling",
            )],
        ),
        seed("G04", "pop3", &[("octets = found.octets, doomed = marks { names: [] }", "octets = found.octets")]),
        seed("G04", "pop3", &[("goto named with login = name", "goto named")]),
    ]);
}

#[test]
fn what_no_conversation_comes_to_is_not_shown() {
    check_unshown(&[
        // Where a list holds the domain, it is there; the checker asks for more, and the first of the two is shown.
        seed(
            "T05",
            "smtp",
            &[
                ("require recipient.domain is present and recipient.domain in", "require recipient.domain in"),
                (
                    "\n        add recipient to mail.recipients\n",
                    "\n        log info \"{recipient.domain}\"\n        add recipient to mail.recipients\n",
                ),
            ],
        ),
    ]);
}

//! Outcomes that are not handled, and values and facts that may be absent.

use super::{check, seed};

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
        seed(
            "L01",
            "smtp",
            &[("none        { count mistakes  reply 550 5.1.1 \"There is no mailbox <{recipient}>\"  stay }", "")],
        ),
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
fn what_may_be_absent_is_shown() {
    check(&[
        seed(
            "T05",
            "smtp",
            &[("require parameters.size is absent or parameters.size <=", "require parameters.size <=")],
        ),
        seed(
            "T05",
            "smtp",
            &[("require parameters.body is absent or parameters.body in", "require parameters.body in")],
        ),
        seed(
            "T05",
            "smtp",
            &[("if settings.check_sender and sender.domain is present and", "if settings.check_sender and")],
        ),
        seed(
            "T05",
            "smtp",
            &[("require recipient.domain is present and recipient.domain in", "require recipient.domain in")],
        ),
        seed(
            "T05",
            "smtp",
            &[(
                "            and recipient.domain is present and not recipient.domain in",
                "            and not recipient.domain in",
            )],
        ),
        seed(
            "T05",
            "policy",
            &[(
                "require settings.greylisting and request.client_address is present else DUNNO",
                "require settings.greylisting else DUNNO",
            )],
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

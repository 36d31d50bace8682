//! Paths with no answer, with two, and lines with two handlers.

use super::{check, seed};

#[test]
fn a_path_without_an_answer_is_shown() {
    check(&[
        seed(
            "F02",
            "smtp",
            &[(
                "failed(why) { log error \"{why}\"  reply 451 4.3.0 \"Cannot look up <{recipient}> just now\"  stay }",
                "failed(why) { log error \"{why}\"  stay }",
            )],
        ),
        seed(
            "F02",
            "smtp",
            &[("{ reply 550 5.1.8 \"{sender.domain} does not exist\"  stay }", "{ log info \"no\"  stay }")],
        ),
        seed("F02", "smtp", &[("reply 250 2.1.0 \"Sender <{sender}> accepted\"\n", "")]),
        seed("F02", "smtp", &[("reply 250 2.1.5 \"Recipient <{recipient}> accepted, to be sent on\"\n", "")]),
        seed(
            "F02",
            "smtp",
            &[(
                "{ reply 552 5.3.4 \"Too big: the limit is {settings.max_size} octets\"  goto ready }",
                "{ goto ready }",
            )],
        ),
        seed("F02", "smtp", &[("reply 250 2.0.0 \"{count} octets received\"\n", "")]),
        seed("F02", "smtp", &[("{ reply 501 5.5.2 \"That is not what PLAIN sends\"  stay }", "{ stay }")]),
        seed("F02", "smtp", &[("reply 220 2.0.0 \"Go ahead\"\n", "")]),
        // An optional part without a hole.
        seed(
            "F02",
            "smtp",
            &[("on \"RSET\" -> 250 2.0.0 \"Forgotten\" goto ready", "on \"RSET[ ALL]\" { goto ready }")],
        ),
        seed("F02", "pop3", &[("{ reply -ERR \"Message {n} is gone\"  stay }", "{ stay }")]),
        seed("F02", "pop3", &[("reply +OK \"Message {n} is marked\"\n", "")]),
    ]);
}

#[test]
fn a_path_with_two_answers_is_shown() {
    check(&[
        seed(
            "F03",
            "smtp",
            &[(
                "reply 550 5.1.1 \"There is no mailbox <{recipient}>\"  stay",
                "reply 550 5.1.1 \"There is no mailbox <{recipient}>\"",
            )],
        ),
        seed(
            "F03",
            "smtp",
            &[(
                "reply 451 4.3.0 \"Cannot look up <{recipient}> just now\"  stay }",
                "reply 451 4.3.0 \"Cannot look up <{recipient}> just now\" }",
            )],
        ),
        seed(
            "F03",
            "smtp",
            &[(
                "reply 250 2.1.5 \"Recipient <{recipient}> accepted\"\n            stay\n",
                "reply 250 2.1.5 \"Recipient <{recipient}> accepted\"\n",
            )],
        ),
        seed("F03", "smtp", &[("            stay with away = yes\n", "")]),
        seed(
            "F03",
            "smtp",
            &[(
                "{ reply 550 5.1.8 \"{sender.domain} does not exist\"  stay }",
                "{ reply 550 5.1.8 \"{sender.domain} does not exist\" }",
            )],
        ),
        seed(
            "F03",
            "smtp",
            &[(
                "reply 250 2.1.0 \"Sender <{sender}> accepted\"\n",
                "reply 250 2.1.0 \"Sender <{sender}> accepted\"  reply 250 2.1.0 \"Really\"\n",
            )],
        ),
        seed("F03", "smtp", &[("add chunk to mail.body\n", "reply 250 2.0.0 \"Fine\"  add chunk to mail.body\n")]),
        seed(
            "F03",
            "smtp",
            &[("reply 220 2.0.0 \"Go ahead\"\n", "reply 220 2.0.0 \"Go\"  reply 220 2.0.0 \"Go ahead\"\n")],
        ),
        seed(
            "F03",
            "pop3",
            &[(
                "reply +OK \"{m.number} {m.octets}\"\n",
                "reply +OK \"{m.number} {m.octets}\"  reply +OK \"That is it\"\n",
            )],
        ),
        seed(
            "F03",
            "pop3",
            &[(
                "reply +OK \"{size(found.messages)} messages, {found.octets} octets\"\n",
                "reply +OK \"Yours\"  reply +OK \"{size(found.messages)} messages, {found.octets} octets\"\n",
            )],
        ),
    ]);
}

#[test]
fn a_line_with_two_handlers_is_shown() {
    check(&[
        seed(
            "D01",
            "smtp",
            &[(
                "on \"RSET\" -> 250 2.0.0 \"Forgotten\" goto ready",
                "on \"RSET\" -> 250 2.0.0 \"Forgotten\" goto ready  on \"RSET\" -> 250 2.0.0 \"Again\"",
            )],
        ),
        seed(
            "D01",
            "smtp",
            &[(
                "on \"NOOP[ {rest: text}]\"",
                "on \"NOOP[ {word: word}]\" -> 250 2.0.0 \"Nothing\"  on \"NOOP[ {rest: text}]\"",
            )],
        ),
        seed(
            "D01",
            "smtp",
            &[(
                "on \"HELP[ {rest: text}]\"",
                "on \"HELP[ {topic: word}]\" -> 214 2.0.0 \"No\"  on \"HELP[ {rest: text}]\"",
            )],
        ),
        seed(
            "D01",
            "smtp",
            &[("on \"VRFY {who: text}\"", "on \"VRFY {who: word}\" -> 252 2.5.0 \"No\"  on \"VRFY {who: text}\"")],
        ),
        seed(
            "D01",
            "smtp",
            &[("on \"EXPN {list: text}\"", "on \"EXPN {list: word}\" -> 502 5.5.1 \"No\"  on \"EXPN {list: text}\"")],
        ),
        seed("D01", "smtp", &[("on \"STARTTLS\" when tls is present ->", "on \"STARTTLS\" ->")]),
        seed(
            "D01",
            "smtp",
            &[(
                "on \"AUTH {mechanism: secret text}\" when tls is absent and settings.accounts",
                "on \"AUTH {mechanism: secret text}\"",
            )],
        ),
        seed(
            "D01",
            "smtp",
            &[("    on \"DATA\" alone {", "    on \"DATA\" -> 503 5.5.1 \"No\"\n    on \"DATA\" alone {")],
        ),
        seed("D01", "pop3", &[("on \"STAT\" ->", "on \"STAT\" -> +OK \"0 0\"  on \"STAT\" ->")]),
        seed(
            "D01",
            "pop3",
            &[("on \"USER {name: text}\" when tls is absent and not settings.clear ->", "on \"USER {name: text}\" ->")],
        ),
    ]);
}

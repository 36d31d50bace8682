//! Each promise of the shipped mail server falls when what keeps it is taken away, in three ways.

use super::{Seed, check};

const fn falls(about: &'static str, edits: &'static [(&'static str, &'static str)]) -> Seed {
    Seed { code: "P01", about, protocol: "smtp", edits, case: None }
}

const PLAIN: &str = "12288 octets}]\" alone when tls is present and user is absent";
const LOGIN: &str = "400 octets}]\" alone when tls is present and user is absent";
const RECIPIENT_FIRST: &str =
    "require mail.recipients is not empty else 503 5.5.1 \"No recipient yet: RCPT first\"\n        say 354";
const CHUNK_FIRST: &str =
    "require mail.recipients is not empty else 503 5.5.1 \"No recipient yet: RCPT first\"\n        require size";
const COUNTED: &str =
    "failed(why) { log error \"{why}\"  reply 451 4.3.0 \"Try again later\"  goto ready }\n    }\n    prepend";

#[test]
fn passwords_stay_under_tls() {
    check(&[
        falls("passwords travel", &[(PLAIN, "12288 octets}]\" alone when user is absent")]),
        falls(
            "passwords travel",
            &[(PLAIN, "12288 octets}]\" alone when (tls is present or settings.dsn) and user is absent")],
        ),
        falls(
            "passwords travel",
            &[(
                PLAIN,
                "12288 octets}]\" alone when (tls is present or peer.ip in settings.trusted) and user is absent",
            )],
        ),
        falls("the other door", &[(LOGIN, "400 octets}]\" alone when user is absent")]),
        falls(
            "the other door",
            &[(LOGIN, "400 octets}]\" alone when (tls is present or settings.dsn) and user is absent")],
        ),
        falls(
            "the other door",
            &[(LOGIN, "400 octets}]\" alone when (tls is present or peer.ip in settings.trusted) and user is absent")],
        ),
        falls("in the clear", &[("on \"HELP[ {rest: text}]\" -> 214 2.0.0", "on \"HELP[ {rest: text}]\" -> 334")]),
        falls("in the clear", &[("on \"NOOP[ {rest: text}]\" -> 250 2.0.0", "on \"NOOP[ {rest: text}]\" -> 334")]),
        falls("in the clear", &[(LOGIN, "400 octets}]\" alone when user is absent")]),
    ]);
}

#[test]
fn logins_are_checked_and_happen_once() {
    check(&[
        falls(
            "who was checked",
            &[("reply 535 5.7.8 \"Wrong name or password\"", "reply 235 2.7.0 \"Wrong name or password\"")],
        ),
        falls(
            "who was checked",
            &[("reply 501 5.5.2 \"That is not what PLAIN sends\"", "reply 235 2.7.0 \"That is not what PLAIN sends\"")],
        ),
        falls(
            "who was checked",
            &[("reply 501 5.5.2 \"That is not what LOGIN sends\"", "reply 235 2.7.0 \"That is not what LOGIN sends\"")],
        ),
        falls("twice", &[(PLAIN, "12288 octets}]\" alone when tls is present")]),
        falls("twice", &[(LOGIN, "400 octets}]\" alone when tls is present")]),
        falls("twice", &[("-> 503 5.5.1 \"You are logged in already\"", "-> 235 2.7.0 \"You are logged in already\"")]),
    ]);
}

#[test]
fn what_is_delivered_is_a_message() {
    check(&[
        falls("without a recipient", &[(RECIPIENT_FIRST, "say 354")]),
        falls("without a recipient", &[(CHUNK_FIRST, "require size")]),
        falls(
            "without a recipient",
            &[(
                CHUNK_FIRST,
                "require mail.recipients is not empty or mail.utf8 else 503 5.5.1 \"RCPT first\"\n        require size",
            )],
        ),
        falls("for nothing", &[(RECIPIENT_FIRST, "say 354")]),
        falls(
            "for nothing",
            &[(
                RECIPIENT_FIRST,
                "require mail.recipients is not empty or mail.utf8 else 503 5.5.1 \"RCPT first\"\n        say 354",
            )],
        ),
        falls(
            "for nothing",
            &[("on \"RSET\" -> 250 2.0.0 \"Forgotten\" goto ready", "on \"RSET\" -> 354 \"Forgotten\" goto ready")],
        ),
        falls("in a circle", &[(COUNTED, "failed(why) { log error \"{why}\" }\n    }\n    prepend")]),
        falls(
            "in a circle",
            &[
                (
                    "    ask count_header(mail.body, \"Received\") within 30 seconds {",
                    "    if mail.utf8 {\n    ask count_header(mail.body, \"Received\") within 30 seconds {",
                ),
                (
                    COUNTED,
                    "failed(why) { log error \"{why}\"  reply 451 4.3.0 \"Try again later\"  goto ready }\n    }\n    }\n    prepend",
                ),
            ],
        ),
        falls(
            "in a circle",
            &[(
                "    ask count_header(mail.body, \"Received\") within 30 seconds {",
                "    if away is absent {\n        ask deliver(mail, settings.inbox) within 60 seconds {\n            stored(id)   { reply 250 2.6.0 \"{id}\"  goto ready }\n            refused(why) { reply 554 5.6.0 \"{why}\"  goto ready }\n            failed(why)  { reply 451 4.3.0 \"{why}\"  goto ready }\n        }\n    }\n    ask count_header(mail.body, \"Received\") within 30 seconds {",
            )],
        ),
        falls("without a sender", &[("on \"VRFY {who: text}\"    -> 252 2.5.0 \"Send mail and see\"", BY_VRFY)]),
        falls("without a sender", &[("on \"EXPN {list: text}\"   -> 502 5.5.1 \"Lists are not shown here\"", BY_EXPN)]),
        falls("without a sender", &[("on \"NOOP[ {rest: text}]\" -> 250 2.0.0 \"OK\"", BY_NOOP)]),
    ]);
}

const BY_VRFY: &str = "on \"VRFY {who: reverse_path}\" {
        let letter = message { sender: who, utf8: no, via: \"VRFY\", ret: \"\", envid: \"\" }
        ask deliver(letter, settings.inbox) within 60 seconds {
            stored(id)   { reply 252 2.5.0 \"{id}\"  stay }
            refused(why) { reply 554 5.6.0 \"{why}\"  stay }
            failed(why)  { reply 451 4.3.0 \"{why}\"  stay }
        }
    }";
const BY_EXPN: &str = "on \"EXPN {list: reverse_path}\" {
        let letter = message { sender: list, utf8: no, via: \"EXPN\", ret: \"\", envid: \"\" }
        ask deliver(letter, settings.inbox) within 60 seconds {
            stored(id)   { reply 252 2.5.0 \"{id}\"  stay }
            refused(why) { reply 554 5.6.0 \"{why}\"  stay }
            failed(why)  { reply 451 4.3.0 \"{why}\"  stay }
        }
    }";
const BY_NOOP: &str = "on \"NOOP[ {rest: reverse_path}]\" {
        require rest is present else 250 2.0.0 \"OK\"
        let letter = message { sender: rest, utf8: no, via: \"NOOP\", ret: \"\", envid: \"\" }
        ask deliver(letter, settings.inbox) within 60 seconds {
            stored(id)   { reply 252 2.5.0 \"{id}\"  stay }
            refused(why) { reply 554 5.6.0 \"{why}\"  stay }
            failed(why)  { reply 451 4.3.0 \"{why}\"  stay }
        }
    }";

#[test]
fn strangers_do_not_relay() {
    check(&[
        falls(
            "open relay",
            &[("(user is present or peer.ip in settings.trusted)\n", "size(settings.our_domains) > 0\n")],
        ),
        falls(
            "open relay",
            &[(
                "require recipient.domain is present and recipient.domain in settings.our_domains\n",
                "require recipient.domain is present\n",
            )],
        ),
        falls("open relay", &[("recipient.local == \"postmaster\"", "recipient.local == \"root\"")]),
    ]);
}

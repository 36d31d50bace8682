//! `validate_plain(blob) using SQL`: checks what a client sends for SASL PLAIN (RFC 4616).
//!
//! Never: lets one user act as another, or tells an unknown user from a wrong password.

use program::{Parameter, ParameterKind, Secret, Type};

use crate::{
    action::{Action, Answer, Question, Reply, parameter},
    example::{Example, Given, Literal},
    password,
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "validate_plain",
    summary: "checks a login and a password as SASL PLAIN sends them",
    documentation: "\
`blob` is the base64 of `authzid NUL login NUL password` (RFC 4616). The statement after `using` takes one text, the
login, and gives a row whose first secret text is the stored hash. Schemes: DES, BSDi, MD5, SHA-1, SHA-256 and SHA-512 crypt,
bcrypt (2a, 2b, 2y), yescrypt, argon2i and argon2id, bare or behind `{CRYPT}`; `{SSHA}`, `{SSHA256}`, `{SSHA512}`, `{PLAIN}`.

- `accepted(login)`: the password fits.
- `rejected`: it does not, or there is no such user, or the account is locked (no hash, or one that begins with `!` or
  `*`), or the client wants to act as somebody else (an authzid that is not the login). All but the last take the
  same time.
- `malformed`: not base64, `=` (nothing at all), not three parts, an empty login or password, a login with control
  characters or not in UTF-8.
- `failed(why)`: the peer's address had too many checks in a minute (`limits.passwords_per_minute`); no statement is
  asked then, and nothing is hashed. Or the statement failed, or gave a hash of an unknown scheme or one that costs too much: the operator's
  to mend.",
    parameters: || {
        let blob = parameter("blob", Type::Secret(Box::new(Type::Base64)));
        let kind = ParameterKind::AnyOf(vec![
            Type::Secret(Box::new(Type::Base64)),
            Type::Secret(Box::new(Type::Text)),
        ]);
        vec![Parameter { secret: true, kind, ..blob }]
    },
    using: true,
    outcomes: password::outcomes,
    examples: &[
        Example {
            given: &[Given::Hash("coco@example.com", "{CRYPT}IwYH/ZXeR8vUM")],
            asks: &[Literal::SecretBase64("\0coco@example.com\0my-password")],
            answers: r#"accepted("coco@example.com")"#,
        },
        Example {
            given: &[Given::NoHash("nobody")],
            asks: &[Literal::SecretBase64("\0nobody\0my-password")],
            answers: "rejected",
        },
        Example { given: &[], asks: &[Literal::Secret("=")], answers: "malformed" },
    ],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    let Some(blob) = password::decoded(question.argument(0)) else { return Reply::new("malformed", Vec::new()) };
    let mut parts = blob.expose().split(|octet| *octet == 0);
    let (Some(acts_as), Some(login), Some(password), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Reply::new("malformed", Vec::new());
    };
    let Some(name) = password::login(login).filter(|_| !password.is_empty()) else {
        return Reply::new("malformed", Vec::new());
    };
    if !acts_as.is_empty() && acts_as != login {
        return Reply::new("rejected", Vec::new());
    }
    password::check(question, name, Secret::new(password)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::{call, says};

    const ANN: &[Given] = &[Given::Hash("ann", "{PLAIN}s3cret")];

    #[track_caller]
    fn check(octets: &'static str, given: &'static [Given], answers: &'static str) {
        says("validate_plain", given, Box::leak(Box::new([Literal::SecretBase64(octets)])), answers);
    }

    #[test]
    fn only_the_right_password_is_accepted() {
        check("\0ann\0s3cret", ANN, r#"accepted("ann")"#);
        check("ann\0ann\0s3cret", ANN, r#"accepted("ann")"#);
        check("\0ann\0s3cret2", ANN, "rejected");
        check("\0ann\0S3CRET", ANN, "rejected");
    }

    #[test]
    fn nobody_acts_as_somebody_else() {
        check("bob\0ann\0s3cret", &[], "rejected");
    }

    #[test]
    fn what_is_not_three_parts_is_malformed() {
        for octets in ["", "ann", "ann\0s3cret", "\0ann\0s3cret\0", "\0\0s3cret", "\0ann\0", "\0a\nnn\0s3cret", "\0\0"]
        {
            check(octets, &[], "malformed");
        }
    }

    #[test]
    fn what_is_not_base64_is_malformed() {
        for text in ["", "=", "!!!", "AGFubgBzM2NyZXQ*", "====", "A"] {
            says("validate_plain", &[], Box::leak(Box::new([Literal::Secret(text)])), "malformed");
        }
    }

    #[test]
    fn padding_is_indifferent() {
        // "\0ann\0s3cre" with and without its padding.
        for text in ["AGFubgBzM2NyZQ==", "AGFubgBzM2NyZQ"] {
            says(
                "validate_plain",
                &[Given::Hash("ann", "{PLAIN}s3cre")],
                Box::leak(Box::new([Literal::Secret(text)])),
                r#"accepted("ann")"#,
            );
        }
    }

    #[test]
    fn a_locked_account_is_rejected_like_an_unknown_one() {
        for given in [&[Given::Hash("ann", "!")], &[Given::Hash("ann", "{CRYPT}*")], &[Given::Hash("ann", "")]] {
            check("\0ann\0s3cret", given, "rejected");
        }
    }

    #[test]
    fn the_statement_must_give_a_secret() {
        let call = program::Call {
            using: None,
            ..call(
                "validate_plain",
                vec![crate::trial::value(&Literal::SecretBase64("\0ann\0s3cret"), &mut Default::default())],
            )
        };
        let actions = crate::Actions::new(std::sync::Arc::new(crate::trial::facts(ANN)));
        assert!(crate::trial::ask(&actions, call, Default::default()).starts_with("failed("));
    }
}

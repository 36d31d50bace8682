//! `validate_login(login, secret) using SQL`: checks the two answers of SASL LOGIN.
//!
//! Never: tells an unknown user from a wrong password.

use program::{Parameter, Type};

use crate::{
    action::{Action, Answer, Question, Reply, parameter},
    example::{Example, Given, Literal},
    password,
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "validate_login",
    summary: "checks a login and a password as SASL LOGIN sends them",
    documentation: "\
Both arguments are base64, as the client answered them. Everything else is as with `validate_plain`; a password with
a NUL in it is `malformed`.",
    parameters: || {
        let secret = parameter("secret", Type::Secret(Box::new(Type::Base64)));
        vec![parameter("login", Type::Base64), Parameter { secret: true, ..secret }]
    },
    using: true,
    outcomes: password::outcomes,
    examples: &[
        Example {
            given: &[Given::Hash("ann", "{PLAIN}s3cret")],
            asks: &[Literal::Base64("ann"), Literal::SecretBase64("s3cret")],
            answers: r#"accepted("ann")"#,
        },
        Example {
            given: &[Given::Hash("ann", "{PLAIN}s3cret")],
            asks: &[Literal::Base64("ann"), Literal::SecretBase64("S3CRET")],
            answers: "rejected",
        },
        Example { given: &[], asks: &[Literal::Base64("ann"), Literal::Secret("!!!")], answers: "malformed" },
    ],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    let decoded = (password::decoded(question.argument(0)), password::decoded(question.argument(1)));
    let (Some(login), Some(password)) = decoded else { return Reply::new("malformed", Vec::new()) };
    match password::login(login.expose()) {
        Some(login) if password::is_password(&password) => password::check(question, login, password).await,
        _ => Reply::new("malformed", Vec::new()),
    }
}

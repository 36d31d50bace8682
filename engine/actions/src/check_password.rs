//! `check_password(login, secret) using SQL`: checks a login and a password that came as they are.
//!
//! Never: tells an unknown user from a wrong password.

use program::{Parameter, ParameterKind, Type};

use crate::{
    action::{Action, Answer, Question, Reply, parameter},
    example::{Example, Given, Literal},
    password,
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "check_password",
    summary: "checks a login and a password that came as plain text",
    documentation: "\
For protocols that send both as they are. Everything else is as with `validate_plain`; a password with a NUL in it
is `malformed`.",
    parameters: || {
        let logins = vec![Type::Text, Type::Word];
        let secret = parameter("secret", Type::Secret(Box::new(Type::Text)));
        vec![
            Parameter { kind: ParameterKind::AnyOf(logins), ..parameter("login", Type::Text) },
            Parameter { secret: true, ..secret },
        ]
    },
    using: true,
    outcomes: password::outcomes,
    examples: &[
        Example {
            given: &[Given::Hash("ann", "{SSHA}/E1l+cHA9/sxcS5MD8umnjm1FX9zYWx0c2FsdA==")],
            asks: &[Literal::Text("ann"), Literal::Secret("s3cret")],
            answers: r#"accepted("ann")"#,
        },
        Example {
            given: &[Given::Hash("ann", "{ROT13}f3perg")],
            asks: &[Literal::Text("ann"), Literal::Secret("s3cret")],
            answers: "failed(\"statement `hash_of` gave a hash that cannot be used for `ann`: the scheme `{ROT13}` is not known\")",
        },
    ],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    let login = match question.text(0) {
        Ok(login) => login,
        Err(reply) => return reply,
    };
    let Some(password) = password::secret(question.argument(1)) else { return question.misfit(1, "a secret") };
    match password::login(login.as_bytes()) {
        Some(login) if password::is_password(&password) => password::check(question, login, password).await,
        _ => Reply::new("malformed", Vec::new()),
    }
}

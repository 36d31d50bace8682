//! One password against one statement.
//!
//! Never: shows, logs or keeps a password, or says whether the user exists.

use std::sync::Arc;

use program::{Gives, OutcomeSignature, Secret, Statement, Type, Value};
use tokio::sync::oneshot;

use super::scheme::{self, MOST};
use crate::{
    action::{Question, Reply, outcome},
    statement,
    world::{Bench, Cell},
};

/// The outcomes of every action that checks a password, but `failed`.
pub(crate) fn outcomes() -> Vec<OutcomeSignature> {
    vec![outcome("accepted", [("login", Type::Text)]), outcome("rejected", []), outcome("malformed", [])]
}

/// Asks the statement after `using` for the login's hash and checks the password against it.
pub(crate) async fn check(question: Question<'_>, login: &str, password: Secret) -> Reply {
    let Some(asked) = &question.call.using else {
        return Reply::failed("a password is checked `using` a statement, and there is none");
    };
    if !question.world.admits(question.call.peer) {
        return Reply::failed(format!("too many attempts from {}", question.call.peer));
    }
    if password.expose().len() > MOST {
        return Reply::new("rejected", Vec::new());
    }
    let stored = match stored_hash(question, asked, login).await {
        Ok(stored) => stored,
        Err(why) => return Reply::failed(why),
    };
    let known = stored.is_some();
    let hash = stored.unwrap_or_else(|| question.dummies.latest(&asked.name));
    match verified(question, (&asked.name, login), password, hash.clone()).await {
        Ok(right) => {
            if known {
                question.dummies.keep(&asked.name, &hash);
            }
            match known && right {
                true => Reply::new("accepted", vec![Value::Text(login.into())]),
                false => Reply::new("rejected", Vec::new()),
            }
        }
        Err(why) => Reply::failed(why),
    }
}

/// The hash of that login; nothing when there is no such user, or none that may log in.
async fn stored_hash(question: Question<'_>, asked: &Arc<Statement>, login: &str) -> Result<Option<Secret>, Arc<str>> {
    let Gives::Row(shape) = &asked.gives else {
        return Err(format!("statement `{}` does not give a row", asked.name).into());
    };
    let is_secret = |ty: &Type| match ty {
        Type::Optional(inner) => matches!(**inner, Type::Secret(_)),
        ty => matches!(ty, Type::Secret(_)),
    };
    let Some(field) = shape.fields.iter().position(|(_, ty)| is_secret(ty)) else {
        return Err(format!("the row of statement `{}` has no secret text", asked.name).into());
    };
    if asked.parameters.len() != 1 {
        return Err(format!("statement `{}` does not take one text", asked.name).into());
    }
    let rows = statement::rows(asked, vec![Cell::Text(login.to_owned())], question.world).await?;
    Ok(match rows.into_iter().next().and_then(|mut row| row.fields.drain(field..).next()) {
        Some(Value::Secret(hash)) if !scheme::is_locked(hash.expose()) => Some(hash),
        _ => None,
    })
}

async fn verified(
    question: Question<'_>,
    (statement, login): (&str, &str),
    password: Secret,
    hash: Secret,
) -> Result<bool, String> {
    let (answer, answered) = oneshot::channel();
    let memory = scheme::memory(hash.expose());
    let job = move || {
        // The session may be gone, now or behind the work; then nobody wants to know.
        if !answer.is_closed() {
            let _ = answer.send(scheme::verify(password.expose(), hash.expose()));
        }
    };
    question.world.work(Bench::Compute(memory), Box::new(job)).await;
    let checked = answered.await.map_err(|_| "there is no memory for the check, or it broke off".to_owned())?;
    checked.map_err(|why| format!("statement `{statement}` gave a hash that cannot be used for `{login}`: {why}"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::{
        Actions,
        example::{Given, Literal},
        password::dummy::FIRST_DUMMY,
        trial,
        world::{Answer, Facts, Kind, Message, NotStored, Record, Table, World},
    };

    /// A world of facts that counts the checks.
    struct Counting(Facts, AtomicUsize);

    impl World for Counting {
        fn dns<'a>(&'a self, name: &'a str, kind: Kind) -> Answer<'a, Result<Vec<Record>, Arc<str>>> {
            World::dns(&self.0, name, kind)
        }
        fn sql<'a>(&'a self, asked: &'a Arc<Statement>, cells: Vec<Cell>) -> Answer<'a, Result<Table, Arc<str>>> {
            World::sql(&self.0, asked, cells)
        }
        fn deliver<'a>(&'a self, sink: &'a str, message: Message) -> Answer<'a, Result<program::Words, NotStored>> {
            self.0.deliver(sink, message)
        }
        fn work(&self, bench: Bench, job: Box<dyn FnOnce() + Send>) -> Answer<'_, ()> {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.work(bench, job)
        }
        fn admits(&self, peer: std::net::IpAddr) -> bool {
            self.0.admits(peer)
        }
        fn limit(&self, span: std::time::Duration) -> Answer<'_, ()> {
            self.0.limit(span)
        }
        fn grace(&self, span: std::time::Duration) -> Answer<'_, ()> {
            self.0.grace(span)
        }
    }

    #[test]
    fn an_unknown_user_costs_what_the_latest_known_one_cost() {
        const HASH: &str = "$2b$05$abcdefghijklmnopqrstuui0R28OGGu.t5vR8Yqc.luSlBch/iYju";
        let facts = trial::facts(&[Given::Hash("ann", HASH), Given::NoHash("nobody"), Given::Hash("eve", "!")]);
        let world = Arc::new(Counting(facts, AtomicUsize::new(0)));
        let actions = Actions::new(world.clone());
        let ask = |login: &'static str, password: &'static str| {
            let mut kept = trial::Kept::default();
            let arguments = [Literal::Text(login), Literal::Secret(password)];
            let arguments = arguments.iter().map(|literal| trial::value(literal, &mut kept)).collect();
            trial::ask(&actions, trial::call("check_password", arguments), kept)
        };
        assert!(actions.dummies.latest("hash_of").expose() == FIRST_DUMMY);
        assert_eq!(ask("ann", "wrong"), "rejected");
        assert!(actions.dummies.latest("hash_of").expose() == HASH.as_bytes());
        assert_eq!(ask("nobody", "wrong"), "rejected");
        assert_eq!(ask("nobody", "passé wörd"), "rejected", "the dummy's own password opens nothing");
        assert_eq!(ask("eve", "wrong"), "rejected");
        assert_eq!(ask("ann", "passé wörd"), r#"accepted("ann")"#);
        assert_eq!(world.1.load(Ordering::Relaxed), 5, "every question had its check");
    }
}

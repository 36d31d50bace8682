//! Who answers calls: finds the action or the statement, and holds it to the time that the call allows.
//!
//! Never: knows what an action does.

use std::sync::Arc;

use program::{Call, Outcome, SessionId, Target};

use crate::{
    Payloads, TABLE,
    action::{Action, Answer, Question, Reply},
    guard,
    password::Dummies,
    race, statement,
    world::World,
};

/// Answers the calls of all sessions.
pub struct Actions {
    world: Arc<dyn World>,
    /// The actions that it knows.
    table: &'static [&'static Action],
    /// What an unknown user is checked against.
    pub(crate) dummies: Dummies,
}

impl Actions {
    /// Actions on this world.
    pub fn new(world: Arc<dyn World>) -> Actions {
        Actions { world, table: TABLE, dummies: Dummies::default() }
    }

    /// The outcome of a call that needs no waiting. Nothing has begun of one that does: it is to be run.
    pub fn at_once(&self, call: &Call, payloads: &dyn Payloads) -> Option<Outcome> {
        // A statement waits for its database, and clients are run by others.
        let Target::Action(_) = call.target else { return None };
        match guard::caught_at_once(|| self.answer(call, payloads)) {
            Ok(Answer::Now(outcome)) => outcome,
            Ok(Answer::Later(_)) => None,
            Err(why) => Some(Outcome::failed(&call.target, why)),
        }
    }

    /// Runs a call to its end. It never lasts longer than `call.within`; then the answer is `failed`, as it is when code
    /// that answers panics. Dropping the future cancels the call, and nothing that it began stays.
    pub async fn run(&self, call: Call, payloads: Arc<dyn Payloads>) -> Outcome {
        let answer = guard::caught(|| self.answer(&call, &*payloads));
        match race::before(answer, || self.world.limit(call.within)).await {
            Some(Ok(outcome)) => outcome,
            Some(Err(why)) => Outcome::failed(&call.target, why),
            None => Outcome::failed(&call.target, "the time limit is reached"),
        }
    }

    /// A session is over: what it held is free.
    pub fn ended(&self, session: &SessionId) {
        self.world.ended(session);
    }

    fn answer<'a>(&'a self, call: &'a Call, payloads: &'a dyn Payloads) -> Answer<'a, Outcome> {
        let signature = match &call.target {
            Target::Statement(asked) => return Answer::later(statement::run(asked, call, &*self.world)),
            Target::Action(signature) => signature,
            Target::Client(client) => {
                let why = format!("nobody here runs the client `{}`", client.name);
                return Answer::now(Outcome::failed(&call.target, &why));
            }
        };
        let Some(action) = self.table.iter().find(|action| *action.name == *signature.name) else {
            let why = format!("there is no action `{}`", signature.name);
            return Answer::now(Reply::failed(why).outcome(signature));
        };
        let question = Question { call, payloads, world: &*self.world, dummies: &self.dummies };
        (action.run)(question).then(|reply| reply.outcome(signature))
    }
}

#[cfg(test)]
mod tests {
    use std::{net::IpAddr, pin::pin, task::Context, time::Duration};

    use program::{Gives, Origin, Statement, Words};

    use super::*;
    use crate::{
        trial::{self, Kept},
        world::{Bench, Cell, Kind, Message, NotStored, Record, Table},
    };

    /// A world in which every question panics.
    struct Panicking;

    impl World for Panicking {
        fn dns<'a>(&'a self, _: &'a str, _: Kind) -> Answer<'a, Result<Vec<Record>, Arc<str>>> {
            Answer::later(async { panic!("a library is broken") })
        }
        fn sql<'a>(&'a self, _: &'a Arc<Statement>, _: Vec<Cell>) -> Answer<'a, Result<Table, Arc<str>>> {
            Answer::later(async { panic!("a library is broken") })
        }
        fn deliver<'a>(&'a self, _: &'a str, _: Message) -> Answer<'a, Result<Words, NotStored>> {
            panic!("a library is broken")
        }
        fn work(&self, _: Bench, _: Box<dyn FnOnce() + Send>) -> Answer<'_, ()> {
            panic!("a library is broken")
        }
        fn admits(&self, _: IpAddr) -> bool {
            panic!("a library is broken")
        }
        fn limit(&self, _: Duration) -> Answer<'_, ()> {
            Answer::later(std::future::pending())
        }
        fn grace(&self, _: Duration) -> Answer<'_, ()> {
            Answer::later(std::future::pending())
        }
    }

    const fn panics(run: for<'a> fn(Question<'a>) -> Answer<'a, Reply>) -> Action {
        Action {
            name: "panics",
            summary: "Panics.",
            documentation: "",
            parameters: Vec::new,
            using: false,
            outcomes: Vec::new,
            examples: &[],
            run,
        }
    }

    static AT_ONCE: Action = panics(|_| panic!("it is broken"));
    static LATER: Action = panics(|_| {
        Answer::later(async {
            tokio::task::yield_now().await;
            panic!("it is broken")
        })
    });

    fn is_broken(actions: &Actions, target: Target) {
        let call = Call { using: None, ..trial::to(target, Vec::new()) };
        if let Some(outcome) = actions.at_once(&call, &Kept::default()) {
            assert_eq!(trial::shown(&call.target, &outcome), format!("failed({:?})", guard::BROKEN));
        }
        let target = call.target.clone();
        let mut answer = pin!(actions.run(call, Arc::new(Kept::default())));
        let mut context = Context::from_waker(std::task::Waker::noop());
        let outcome = loop {
            if let std::task::Poll::Ready(outcome) = answer.as_mut().poll(&mut context) {
                break outcome;
            }
        };
        assert_eq!(trial::shown(&target, &outcome), format!("failed({:?})", guard::BROKEN));
    }

    #[test]
    fn an_action_that_panics_has_failed() {
        static TABLES: [&[&Action]; 2] = [&[&AT_ONCE], &[&LATER]];
        for table in TABLES {
            let actions = Actions { table, ..Actions::new(Arc::new(Panicking)) };
            is_broken(&actions, Target::Action(Arc::new(table[0].signature())));
        }
    }

    #[test]
    fn a_statement_whose_database_panics_has_failed() {
        let asked = Statement {
            name: "asked".into(),
            database: "default".into(),
            parameters: Vec::new(),
            gives: Gives::Nothing,
            text: "SELECT 1".into(),
            origin: Origin { file: 0, line: 1, column: 1 },
        };
        is_broken(&Actions::new(Arc::new(Panicking)), Target::Statement(Arc::new(asked)));
    }
}

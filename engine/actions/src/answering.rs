//! Who answers calls: finds the action or the statement, and holds it to the time that the call allows.
//!
//! Never: knows what an action does.

use std::sync::Arc;

use program::{Call, Outcome, SessionId, Target};

use crate::{
    Payloads, TABLE,
    action::{Answer, Question, Reply},
    password::Dummies,
    race, statement,
    world::World,
};

/// Answers the calls of all sessions.
pub struct Actions {
    world: Arc<dyn World>,
    /// What an unknown user is checked against.
    pub(crate) dummies: Dummies,
}

impl Actions {
    /// Actions on this world.
    pub fn new(world: Arc<dyn World>) -> Actions {
        Actions { world, dummies: Dummies::default() }
    }

    /// The outcome of a call that needs no waiting. Nothing has begun of one that does: it is to be run.
    pub fn at_once(&self, call: &Call, payloads: &dyn Payloads) -> Option<Outcome> {
        // A statement waits for its database, and clients are run by others.
        let Target::Action(_) = call.target else { return None };
        match self.answer(call, payloads) {
            Answer::Now(outcome) => outcome,
            Answer::Later(_) => None,
        }
    }

    /// Runs a call to its end. It never lasts longer than `call.within`; then the answer is `failed`. Dropping the
    /// future cancels the call, and nothing that it began stays.
    pub async fn run(&self, call: Call, payloads: Arc<dyn Payloads>) -> Outcome {
        match race::before(self.answer(&call, &*payloads), || self.world.limit(call.within)).await {
            Some(outcome) => outcome,
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
        let Some(action) = TABLE.iter().find(|action| *action.name == *signature.name) else {
            let why = format!("there is no action `{}`", signature.name);
            return Answer::now(Reply::failed(why).outcome(signature));
        };
        let question = Question { call, payloads, world: &*self.world, dummies: &self.dummies };
        (action.run)(question).then(|reply| reply.outcome(signature))
    }
}

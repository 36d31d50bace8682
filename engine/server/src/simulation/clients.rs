//! The clients of a transcript: what it gives for them, and no socket.
//!
//! Never: connects. A call that no fact answers is kept and shown as a fault of the test.

use std::{
    future::{Future, pending, ready},
    pin::Pin,
    sync::{Mutex, PoisonError},
};

use actions::crypt;
use program::{Client, Outcome, Target, Value};
use transcript::{Argument, ClientAnswer, ClientFact, value};

use crate::client::{Caller, Errand};

/// Gives what a transcript says that clients give.
#[derive(Default)]
pub struct Pretended {
    facts: Vec<ClientFact>,
    unanswered: Mutex<Vec<String>>,
}

/// What is given to one call.
enum Given {
    Now(Outcome),
    Never,
}

impl Pretended {
    /// The facts of a transcript; they were checked against the program.
    pub fn new(facts: &[ClientFact]) -> Pretended {
        Pretended { facts: facts.to_vec(), unanswered: Mutex::default() }
    }

    /// The outcome of a call; none comes of one that never ends.
    pub fn outcome(&self, target: &Target, arguments: &[Value]) -> Option<Outcome> {
        let Target::Client(client) = target else { return None };
        match self.given(client, target, arguments) {
            Given::Now(outcome) => Some(outcome),
            Given::Never => None,
        }
    }

    /// The calls that no fact answered.
    pub fn unanswered(&self) -> Vec<String> {
        self.unanswered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn given(&self, client: &Client, target: &Target, arguments: &[Value]) -> Given {
        // A fact for particular arguments goes before one for any.
        let fits = |fact: &&ClientFact| {
            let wanted = fact.arguments.iter().flatten().zip(arguments).zip(&client.parameters);
            *fact.name == *client.name
                && wanted.into_iter().all(|((wanted, is), parameter)| match wanted {
                    Argument::Any => true,
                    Argument::Is(plain) => value(plain, &parameter.ty, &mut crypt).is_ok_and(|value| value == *is),
                })
        };
        let particular = self.facts.iter().filter(|fact| fact.arguments.is_some()).find(fits);
        match particular.or_else(|| self.facts.iter().find(fits)).map(|fact| &fact.answer) {
            Some(ClientAnswer::Timeout) => Given::Never,
            Some(ClientAnswer::Fails(why)) => Given::Now(Outcome::failed(target, why)),
            Some(ClientAnswer::Gives(name, given)) => Given::Now(gives(client, target, name, given)),
            None => {
                let shown: Vec<String> = arguments.iter().map(|value| format!("{value:?}")).collect();
                let call = format!("client {}({})", client.name, shown.join(", "));
                self.unanswered.lock().unwrap_or_else(PoisonError::into_inner).push(call.clone());
                Given::Now(Outcome::failed(target, &format!("no fact says what {call} gives")))
            }
        }
    }
}

fn gives(client: &Client, target: &Target, name: &str, given: &[transcript::Plain]) -> Outcome {
    let place = client.outcomes.iter().position(|outcome| *outcome.name == *name);
    let typed = place.and_then(|index| {
        let pairs = given.iter().zip(&client.outcomes[index].values);
        let values = pairs.map(|(plain, (_, ty))| value(plain, ty, &mut crypt).ok()).collect::<Option<_>>()?;
        Some(Outcome { index, values })
    });
    // Facts that do not fit were refused by the check.
    typed.unwrap_or_else(|| Outcome::failed(target, "the fact does not fit"))
}

impl Caller for Pretended {
    fn call(&self, errand: Errand) -> Pin<Box<dyn Future<Output = Outcome> + Send>> {
        let arguments: Vec<Value> = errand.arguments.into_iter().map(Option::unwrap_or_default).collect();
        match self.outcome(&Target::Client(errand.client), &arguments) {
            Some(outcome) => Box::pin(ready(outcome)),
            None => Box::pin(pending()),
        }
    }
}

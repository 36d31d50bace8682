//! The built-in actions: look-ups, passwords, SQL statements, delivery. An action answers, and that is all it does.
//!
//! To add one: copy `dig.rs`, then add its `mod` line and its line in [`TABLE`].
//!
//! Never: touches a client's socket or a session's state, replies, logs, or waits longer than its call allows.

mod action;
mod blacklist;
mod check_password;
mod count_header;
mod deliver;
mod deliver_to;
mod dig;
mod file_delete;
mod file_fetch;
mod file_list;
mod file_mark;
mod file_read;
mod file_rename;
mod file_write;
mod mailbox_append;
mod mailbox_changes;
mod mailbox_expunge;
mod mailbox_fetch;
mod mailbox_flag;
mod mailbox_head;
mod mailbox_list;
mod mailbox_lock;
mod mailbox_mark;
mod mailbox_refresh;
mod mailbox_release;
mod validate_login;
mod validate_plain;
mod verified_name;

/// Every built-in action, in the order of their names.
static TABLE: &[&Action] = &[
    &blacklist::ACTION,
    &check_password::ACTION,
    &count_header::ACTION,
    &deliver::ACTION,
    &deliver_to::ACTION,
    &dig::ACTION,
    &file_delete::ACTION,
    &file_fetch::ACTION,
    &file_list::ACTION,
    &file_mark::ACTION,
    &file_read::ACTION,
    &file_rename::ACTION,
    &file_write::ACTION,
    &mailbox_append::ACTION,
    &mailbox_changes::ACTION,
    &mailbox_expunge::ACTION,
    &mailbox_fetch::ACTION,
    &mailbox_flag::ACTION,
    &mailbox_head::ACTION,
    &mailbox_list::ACTION,
    &mailbox_lock::ACTION,
    &mailbox_mark::ACTION,
    &mailbox_refresh::ACTION,
    &mailbox_release::ACTION,
    &validate_login::ACTION,
    &validate_plain::ACTION,
    &verified_name::ACTION,
];

mod example;
mod explain;
mod files;
mod mailbox;
mod password;
mod payload;
mod race;
mod reverse;
pub mod sink;
mod statement;
#[cfg(test)]
mod trial;
pub mod world;
mod zone;

use std::sync::{Arc, LazyLock};

use program::{Call, Outcome, SessionId, Signature, Target};

use crate::{
    action::{Action, Question, Reply},
    password::Dummies,
};

pub use explain::explain;
pub use password::{Scheme, crypt, make};
pub use payload::{LENT, Payload, Payloads, most_read};
pub use world::World;

/// The signatures of all built-in actions, in the order of their names.
pub fn signatures() -> &'static [Arc<Signature>] {
    static SIGNATURES: LazyLock<Vec<Arc<Signature>>> =
        LazyLock::new(|| TABLE.iter().map(|action| Arc::new(action.signature())).collect());
    &SIGNATURES
}

/// Answers the calls of all sessions.
pub struct Actions {
    world: Arc<dyn World>,
    dummies: Dummies,
}

impl Actions {
    /// Actions on this world.
    pub fn new(world: Arc<dyn World>) -> Actions {
        Actions { world, dummies: Dummies::default() }
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

    async fn answer(&self, call: &Call, payloads: &dyn Payloads) -> Outcome {
        let signature = match &call.target {
            Target::Statement(asked) => return statement::run(asked, call, &*self.world).await,
            Target::Action(signature) => signature,
            Target::Client(client) => {
                return Outcome::failed(&call.target, &format!("nobody here runs the client `{}`", client.name));
            }
        };
        let Some(action) = TABLE.iter().find(|action| *action.name == *signature.name) else {
            return Reply::failed(format!("there is no action `{}`", signature.name)).outcome(signature);
        };
        let question = Question { call, payloads, world: &*self.world, dummies: &self.dummies };
        (action.run)(question).await.outcome(signature)
    }
}

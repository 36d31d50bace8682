//! What every database server has in common, for tests that hold for all of them.

use actions::world::{Database, Server};

use crate::daemon::Daemon;

/// A database server that is up.
pub(crate) trait Engine: Send + Sync {
    /// Its name, for messages.
    fn name(&self) -> &'static str;

    /// The scheme of its URLs.
    fn scheme(&self) -> &'static str;

    /// How it is asked, in clear text, over one connection.
    fn server(&self) -> Server;

    /// A statement that lasts so many seconds and gives `n`.
    fn slow(&self, seconds: f64) -> String;

    /// A statement that gives `n`: how many connections it serves for us.
    fn connections(&self) -> &'static str;

    /// A statement that gives `n`: how many statements this connection has prepared so far.
    fn prepared(&self) -> &'static str;
}

/// A server that may be hurt.
pub(crate) trait Outage: Engine {
    /// The server's process.
    fn daemon(&mut self) -> &mut Daemon;

    /// Waits until it answers.
    fn await_ready(&self);

    /// Everything in it stands still.
    fn pause(&mut self) {
        self.daemon().pause();
    }

    /// Everything goes on.
    fn resume(&mut self) {
        self.daemon().signal("CONT");
    }

    /// It ends without a warning.
    fn kill(&mut self) {
        self.daemon().kill();
    }

    /// It is started again.
    fn start_again(&mut self) {
        self.daemon().again();
        self.await_ready();
    }

    /// It is up, whatever was done to it.
    fn revive(&mut self) {
        self.resume();
        if !self.daemon().runs() {
            self.start_again();
        }
    }
}

/// The database of that engine, with that change.
pub(crate) fn database(engine: &(impl Engine + ?Sized), edit: impl FnOnce(&mut Server)) -> Database {
    let mut server = engine.server();
    edit(&mut server);
    Database::Server(server)
}

//! The load: connections that work until the time is over, every answer checked.
//!
//! Never: begins an operation behind the time that it was given.

use std::{
    cell::{Cell, RefCell},
    io,
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{
    runtime::{Builder, Runtime},
    sync::Semaphore,
    task::{LocalSet, yield_now},
    time::sleep,
};
use tokio_rustls::TlsConnector;

use crate::{
    connection::{Connection, Target},
    cores::be_the_load,
    figures::Figures,
    process::Tree,
    tls::connector,
    workload::{Connections, Need, Workload},
};

/// How many handshakes are under way while idle connections are opened.
const OPENING: usize = 100;
/// How many idle connections come from one of our addresses.
const PER_ADDRESS: usize = 5000;
/// How long a server has to come to rest before its memory is read.
const REST: Duration = Duration::from_millis(1500);

/// What the connections have in common.
struct Common {
    workload: Workload,
    target: Target,
    figures: RefCell<Figures>,
    end: Cell<Instant>,
}

/// Lets a server work for that long; its processor time is read before and behind.
///
/// # Errors
/// The connections that are kept cannot be opened.
pub fn run(workload: &Workload, target: Target, server: &Tree, span: Duration) -> io::Result<Figures> {
    let common = Common::new(workload, target);
    be_the_load()?;
    let runtime = runtime()?;
    let tasks = LocalSet::new();
    tasks.block_on(&runtime, async {
        let mut kept = Vec::new();
        for _ in 0..workload.parallel {
            // Each takes up its own former sessions: of one server a client keeps a handful.
            let connector = connector(workload.resumes)?;
            let connection = match workload.connections {
                Connections::Kept => Some(common.open(None, &connector).await?),
                Connections::Fresh => None,
            };
            kept.push((connection, connector));
        }
        let (cpu, begin) = (server.cpu(), Instant::now());
        common.end.set(begin + span);
        // A load that slept would have to be woken, at the expense of the server that answers it.
        let awake = tokio::task::spawn_local(async {
            loop {
                yield_now().await;
            }
        });
        let workers: Vec<_> =
            kept.into_iter().map(|kept| tokio::task::spawn_local(work(common.clone(), kept))).collect();
        for worker in workers {
            worker.await.map_err(io::Error::other)?;
        }
        awake.abort();
        // What a server does behind its last answer belongs to the operation.
        let elapsed = begin.elapsed();
        sleep(Duration::from_millis(50)).await;
        let mut figures = common.figures.borrow_mut();
        figures.finish(elapsed, server.cpu().saturating_sub(cpu), server.resident());
        Ok(std::mem::take(&mut *figures))
    })
}

/// Opens that many connections that say EHLO and nothing more; gives how many octets each holds resident in the server.
///
/// # Errors
/// A connection fails.
pub fn idle(workload: &Workload, target: Target, server: &Tree, many: usize) -> io::Result<f64> {
    let common = Common::new(workload, target);
    be_the_load()?;
    let (runtime, connector) = (runtime()?, connector(false)?);
    LocalSet::new().block_on(&runtime, async {
        let before = server.resident();
        let places = Rc::new(Semaphore::new(OPENING));
        let openers: Vec<_> = (0..many)
            .map(|number| {
                let (common, places, connector) = (common.clone(), places.clone(), connector.clone());
                tokio::task::spawn_local(async move {
                    let _place = places.acquire().await.map_err(io::Error::other)?;
                    let third = 1 + u8::try_from(number / PER_ADDRESS).map_err(io::Error::other)?;
                    let from = SocketAddr::from((Ipv4Addr::new(127, 0, third, 1), 0));
                    common.open(Some(from), &connector).await
                })
            })
            .collect();
        let mut connections = Vec::with_capacity(many);
        for opener in openers {
            let mut connection = opener.await.map_err(io::Error::other)??;
            connection.rest();
            connections.push(connection);
        }
        sleep(REST).await;
        let grown = server.resident().saturating_sub(before);
        #[allow(clippy::cast_precision_loss, reason = "figures for people")]
        Ok(grown as f64 / many as f64)
    })
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

async fn work(common: Rc<Common>, (mut kept, connector): (Option<Connection>, TlsConnector)) {
    while Instant::now() < common.end.get() {
        let begin = Instant::now();
        let done = match &mut kept {
            None => common.session(&connector).await,
            Some(connection) => common.steps(connection, &connector).await,
        };
        let mut figures = common.figures.borrow_mut();
        match done {
            Ok(()) => figures.done(begin.elapsed(), common.workload.operations),
            Err(error) => {
                figures.failed(&error);
                if kept.is_some() {
                    return;
                }
            }
        }
    }
}

impl Common {
    fn new(workload: &Workload, target: Target) -> Rc<Common> {
        let end = Cell::new(Instant::now());
        Rc::new(Common { workload: workload.clone(), target, figures: RefCell::default(), end })
    }

    async fn session(&self, connector: &TlsConnector) -> io::Result<()> {
        let mut connection = self.open(None, connector).await?;
        self.steps(&mut connection, connector).await?;
        connection.ended().await
    }

    async fn steps(&self, connection: &mut Connection, connector: &TlsConnector) -> io::Result<()> {
        for step in &self.workload.work {
            connection.step(step, connector).await?;
        }
        Ok(())
    }

    async fn open(&self, from: Option<SocketAddr>, connector: &TlsConnector) -> io::Result<Connection> {
        let implicit = self.workload.needs == Need::ImplicitTls;
        let address = match implicit {
            true => self.target.tls.ok_or(io::ErrorKind::AddrNotAvailable)?,
            false => self.target.clear,
        };
        let mut connection = Connection::open(address, from, implicit.then_some(connector)).await?;
        for step in &self.workload.opening {
            connection.step(step, connector).await?;
        }
        // The first of each worker has nothing to take up.
        let known = self.figures.borrow().operations >= self.workload.parallel as u64;
        if self.workload.resumes && known && !connection.resumed {
            return Err(io::Error::other("the server does not take up a former session"));
        }
        Ok(connection)
    }
}

//! Accepting: from when a socket is served until the server ends.
//!
//! Never: gives up because one accept failed.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    pin::pin,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use machine::Peer;
use program::SessionId;
use tokio::{
    sync::watch,
    task::{JoinError, JoinSet},
    time::sleep,
};

use crate::{
    endpoint::{Acceptor, Transport},
    log::{in_the_name_of, named},
    serving::{
        admission::{NoPlace, Place},
        connection::{self, Visitor},
        grounds::Lifeline,
        proxy::{self, Brought},
        server::{Door, Phase, Site, socket},
    },
};

/// How long to wait when there are no descriptors or buffers: until then nothing gets better.
const BREATH: Duration = Duration::from_millis(100);
/// How many peers without a place are told so at once; more are cut off in silence.
const REFUSALS: usize = 64;

/// Accepts until the server or this listener ends, then waits for the sessions that came in here.
pub(crate) async fn accept(
    lifeline: Lifeline,
    mut inside: (Arc<Site>, Arc<Door>),
    socket: Acceptor,
    mut open: watch::Receiver<bool>,
) {
    let mut sessions = JoinSet::new();
    let mut refusals = JoinSet::new();
    let mut troubled = false;
    let gate = inside.0.counters.tallies.gate(&lifeline.endpoint);
    let mut phase = lifeline.phase.clone();
    let mut end = pin!(async move {
        tokio::select! {
            _ = phase.changed() => {}
            _ = open.changed() => {}
        }
    });
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut end => break,
            Some(ended) = sessions.join_next() => {
                ended_with(&inside.0, ended);
                while let Some(ended) = sessions.try_join_next() {
                    ended_with(&inside.0, ended);
                }
                continue;
            }
            Some(_) = refusals.join_next() => continue,
            accepted = socket.accept() => accepted,
        };
        match accepted {
            Ok((stream, ends)) => {
                troubled = false;
                // A listener that the new version lacks goes on as it was until it is closed.
                inside = lifeline.inside().unwrap_or(inside);
                inside.0.counters.accepted.fetch_add(1, Ordering::Relaxed);
                gate.accepted();
                admit((&inside.0, &inside.1), stream, ends, &lifeline, (&mut sessions, &mut refusals));
            }
            Err(error) if is_the_peers(&error) => {}
            Err(error) => {
                // Said once per bout: a server without descriptors must not fill the disk, too.
                if !troubled {
                    tracing::error!("connections cannot be accepted: {error}");
                }
                troubled = true;
                sleep(BREATH).await;
            }
        }
    }
    drop(socket);
    while let Some(ended) = sessions.join_next().await {
        ended_with(&inside.0, ended);
    }
}

fn admit(
    (site, door): (&Arc<Site>, &Arc<Door>),
    stream: Transport,
    ends: Option<(SocketAddr, SocketAddr)>,
    lifeline: &Lifeline,
    (sessions, refusals): (&mut JoinSet<()>, &mut JoinSet<()>),
) {
    let visitor = visitor(door, ends, lifeline);
    let id = site.names.next();
    let name = id.clone();
    let proxied = door.is_proxy(&visitor);
    let now = site.clock.now().elapsed;
    let place = if proxied { site.admission.enter_unknown() } else { site.admission.enter(visitor.origin(), now) };
    match place {
        Ok(place) if proxied => {
            let session = brought((site.clone(), door.clone()), stream, visitor, id, place, lifeline.clone());
            sessions.spawn(named(name, session));
        }
        Ok(place) => {
            let inside = (site.clone(), door.clone());
            sessions.spawn(named(name, connection::converse(inside, place, stream, visitor, id, lifeline.clone())));
        }
        Err(why) => {
            in_the_name_of(&name, || said(site, why, &visitor, lifeline));
            if refusals.len() < REFUSALS {
                let refused = connection::refuse(site.clone(), door.clone(), stream, visitor, id, lifeline.clone());
                refusals.spawn(named(name, refused));
            }
        }
    }
}

/// Who is at the other end of a connection that was accepted.
fn visitor(door: &Door, ends: Option<(SocketAddr, SocketAddr)>, lifeline: &Lifeline) -> Visitor {
    let rehearsed = door.rehearsal.as_ref().map(|it| (it.peer, it.local));
    let ends = rehearsed.or(ends.map(|(peer, local)| ((peer.ip(), peer.port()), (local.ip(), local.port()))));
    let Some(((ip, port), (local_ip, local_port))) = ends else {
        let (ip, local_ip) = (door.local.ip, Ipv4Addr::UNSPECIFIED.into());
        let peer = Peer { ip, port: 0, local_ip, local_port: 0, tls: None };
        return Visitor { peer, from: lifeline.endpoint.clone() };
    };
    let (ip, local_ip) = (ip.to_canonical(), local_ip.to_canonical());
    Visitor { peer: Peer { ip, port, local_ip, local_port, tls: None }, from: socket(ip, port).into() }
}

/// A connection that a proxy brings: whom it brings is known when its header has come.
async fn brought(
    (site, door): (Arc<Site>, Arc<Door>),
    mut stream: Transport,
    mut visitor: Visitor,
    id: SessionId,
    mut place: Place,
    lifeline: Lifeline,
) {
    let mut phase = lifeline.phase.clone();
    let header = tokio::select! {
        header = proxy::header(&mut stream) => header,
        _ = phase.wait_for(|phase| *phase == Phase::Ending) => return,
    };
    match header {
        Ok(Brought::Itself) => {}
        Ok(Brought::Peer(from, to)) => {
            let peer = &mut visitor.peer;
            (peer.ip, peer.port) = (from.ip().to_canonical(), from.port());
            (peer.local_ip, peer.local_port) = (to.ip().to_canonical(), to.port());
            let by = std::mem::replace(&mut visitor.from, socket(peer.ip, peer.port).into());
            tracing::debug!(peer = %visitor.from, proxy = %by, "brought by a proxy");
        }
        Err(error) => {
            site.counters.headers_refused.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(proxy = %visitor.from, "refused: the PROXY header: {error}");
            return;
        }
    }
    match place.belongs(visitor.origin(), site.clock.now().elapsed) {
        Ok(()) => connection::converse((site, door), place, stream, visitor, id, lifeline).await,
        Err(why) => {
            said(&site, why, &visitor, &lifeline);
            connection::refuse(site, door, stream, visitor, id, lifeline).await;
        }
    }
}

fn said(site: &Site, why: NoPlace, visitor: &Visitor, lifeline: &Lifeline) {
    site.counters.refused.fetch_add(1, Ordering::Relaxed);
    site.counters.tallies.gate(&lifeline.endpoint).refused(why);
    tracing::warn!(peer = %visitor.from, "refused: {why}");
}

fn ended_with(site: &Site, ended: Result<(), JoinError>) {
    if ended.is_err_and(|error| error.is_panic()) {
        site.counters.panics.fetch_add(1, Ordering::Relaxed);
        tracing::error!("a fault of this program ended a session");
    }
}

/// The connection was gone before it was accepted.
fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

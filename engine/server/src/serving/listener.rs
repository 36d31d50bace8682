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
    admission::{NoPlace, Place},
    endpoint::{Acceptor, Transport, socket_address},
    log::{in_the_name_of, named},
    serving::{
        connection::{self},
        proxy::{self, Brought},
        remote::Remote,
        version::{ListenerSettings, Phase, Shared},
        watch::ServerWatch,
    },
};

/// How long to wait when there are no descriptors or buffers: until then nothing gets better.
const BREATH: Duration = Duration::from_millis(100);
/// How many peers without a place are told so at once; more are cut off in silence.
const REFUSALS: usize = 64;

/// Accepts until the server or this listener ends, then waits for the sessions that came in here.
pub(crate) async fn accept(
    watch: ServerWatch,
    mut inside: (Arc<Shared>, Arc<ListenerSettings>),
    socket: Acceptor,
    mut open: watch::Receiver<bool>,
) {
    let mut sessions = JoinSet::new();
    let mut refusals = JoinSet::new();
    let mut troubled = false;
    let gate = inside.0.counters.tallies.gate(&watch.endpoint);
    let mut phase = watch.phase.clone();
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
                inside = watch.inside().unwrap_or(inside);
                inside.0.counters.accepted.fetch_add(1, Ordering::Relaxed);
                gate.accepted();
                admit((&inside.0, &inside.1), stream, ends, &watch, (&mut sessions, &mut refusals));
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
    (shared, listener_settings): (&Arc<Shared>, &Arc<ListenerSettings>),
    stream: Transport,
    ends: Option<(SocketAddr, SocketAddr)>,
    watch: &ServerWatch,
    (sessions, refusals): (&mut JoinSet<()>, &mut JoinSet<()>),
) {
    let remote = remote(listener_settings, ends, watch);
    let id = shared.names.next();
    let name = id.clone();
    let proxied = listener_settings.is_proxy(&remote);
    let now = shared.clock.now().elapsed;
    let place = if proxied { shared.admission.enter_unknown() } else { shared.admission.enter(remote.origin(), now) };
    match place {
        Ok(place) if proxied => {
            let session =
                brought((shared.clone(), listener_settings.clone()), stream, remote, id, place, watch.clone());
            sessions.spawn(named(name, session));
        }
        Ok(place) => {
            let inside = (shared.clone(), listener_settings.clone());
            sessions.spawn(named(name, connection::converse(inside, place, stream, remote, id, watch.clone())));
        }
        Err(why) => {
            in_the_name_of(&name, || said(shared, why, &remote, watch));
            if refusals.len() < REFUSALS {
                let refused =
                    connection::refuse(shared.clone(), listener_settings.clone(), stream, remote, id, watch.clone());
                refusals.spawn(named(name, refused));
            }
        }
    }
}

/// Who is at the other end of a connection that was accepted.
fn remote(listener_settings: &ListenerSettings, ends: Option<(SocketAddr, SocketAddr)>, watch: &ServerWatch) -> Remote {
    let rehearsed = listener_settings.rehearsal.as_ref().map(|it| (it.peer, it.local));
    let ends = rehearsed.or(ends.map(|(peer, local)| ((peer.ip(), peer.port()), (local.ip(), local.port()))));
    let Some(((ip, port), (local_ip, local_port))) = ends else {
        let (ip, local_ip) = (listener_settings.local.ip, Ipv4Addr::UNSPECIFIED.into());
        let peer = Peer { ip, port: 0, local_ip, local_port: 0, tls: None };
        return Remote { peer, from: watch.endpoint.clone() };
    };
    let (ip, local_ip) = (ip.to_canonical(), local_ip.to_canonical());
    Remote { peer: Peer { ip, port, local_ip, local_port, tls: None }, from: socket_address(ip, port).into() }
}

/// A connection that a proxy brings: whom it brings is known when its header has come.
async fn brought(
    (shared, listener_settings): (Arc<Shared>, Arc<ListenerSettings>),
    mut stream: Transport,
    mut remote: Remote,
    id: SessionId,
    mut place: Place,
    watch: ServerWatch,
) {
    let mut phase = watch.phase.clone();
    let header = tokio::select! {
        header = proxy::header(&mut stream) => header,
        _ = phase.wait_for(|phase| *phase == Phase::Ending) => return,
    };
    match header {
        Ok(Brought::Itself) => {}
        Ok(Brought::Peer(from, to)) => {
            let peer = &mut remote.peer;
            (peer.ip, peer.port) = (from.ip().to_canonical(), from.port());
            (peer.local_ip, peer.local_port) = (to.ip().to_canonical(), to.port());
            let by = std::mem::replace(&mut remote.from, socket_address(peer.ip, peer.port).into());
            tracing::debug!(peer = %remote.from, proxy = %by, "brought by a proxy");
        }
        Err(error) => {
            shared.counters.headers_refused.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(proxy = %remote.from, "refused: the PROXY header: {error}");
            return;
        }
    }
    match place.belongs(remote.origin(), shared.clock.now().elapsed) {
        Ok(()) => connection::converse((shared, listener_settings), place, stream, remote, id, watch).await,
        Err(why) => {
            said(&shared, why, &remote, &watch);
            connection::refuse(shared, listener_settings, stream, remote, id, watch).await;
        }
    }
}

fn said(shared: &Shared, why: NoPlace, remote: &Remote, watch: &ServerWatch) {
    shared.counters.refused.fetch_add(1, Ordering::Relaxed);
    shared.counters.tallies.gate(&watch.endpoint).refused(why);
    tracing::warn!(peer = %remote.from, "refused: {why}");
}

fn ended_with(shared: &Shared, ended: Result<(), JoinError>) {
    if ended.is_err_and(|error| error.is_panic()) {
        shared.counters.panics.fetch_add(1, Ordering::Relaxed);
        tracing::error!("a fault of this program ended a session");
    }
}

/// The connection was gone before it was accepted.
fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

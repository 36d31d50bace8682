//! One connection: octets, outcomes and time go into its machine, and what the machine wants is done.
//!
//! Never: looks inside a line, or lets a fault of one session reach another.

use std::{
    fmt,
    future::{Future, poll_fn},
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
    time::Duration,
};

use actions::{Payload, Payloads};
use machine::{Input, Machine, Move, Moved, Now, Outgoing, Peer, Reason};
use program::{CallId, Outcome, SessionId, Target};
use tokio::{sync::watch, time::timeout};

use crate::{
    admission::Place,
    client::Errand,
    clock::Alarm,
    endpoint::{Endpoint, Transport},
    metrics::Tally,
    serving::{
        effects::Desk,
        registry::Registration,
        rehearsal::Rest,
        remote::Remote,
        stream::Stream,
        version::{ListenerSettings, Patience, Phase, Shared},
        watch::ServerWatch,
    },
    spool::{self, Spool},
    tls::{HandshakeError, accept, upgrade},
};

/// How long a peer that finds no place may take to read why.
const REFUSAL: Duration = Duration::from_secs(5);

/// A call that is out.
type Running = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// One session, while it lasts.
struct Session {
    shared: Arc<Shared>,
    listener_settings: Arc<ListenerSettings>,
    id: SessionId,
    machine: Machine,
    desk: Desk,
    /// When something last came in: what follows at once happens then.
    now: Now,
    alarm: Alarm,
    running: Option<(CallId, Running)>,
    /// What is counted; it is that of the service which the machine runs.
    tally: Arc<Tally>,
    /// Whom the call that is out is for, as the tally numbers it, and since when.
    calling: Option<(usize, Duration)>,
    watch: ServerWatch,
    /// Where others see how far it is.
    registration: Option<Registration>,
    /// What it goes on with as soon as it can.
    next: Option<Next>,
    /// When a session of an old version is to end.
    finish: Alarm,
    /// Whether the peer will send no more.
    deaf: bool,
    received: u64,
    sent: u64,
}

/// A later version that a session may go on with.
struct Next {
    shared: Arc<Shared>,
    listener_settings: Arc<ListenerSettings>,
    moving: Arc<Move>,
    /// Whether it was told why the session does not go on.
    told: bool,
}

/// How a session ended, for the log.
#[derive(Debug)]
enum Ending {
    /// The machine closed it.
    Closed,
    /// The connection broke.
    Broke(io::Error),
    /// There is no TLS.
    Handshake(HandshakeError),
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Closed => f.write_str("closed"),
            Ending::Broke(error) => write!(f, "broken off: {error}"),
            Ending::Handshake(error) => write!(f, "no TLS: {error}"),
        }
    }
}

/// What woke a session up.
enum Event {
    Phase,
    Version,
    Outcome(CallId, Option<Outcome>),
    Timeout,
    Heard(io::Result<Result<usize, Fault>>),
    Reset,
}

/// The machine or an action panicked.
struct Fault;

/// Runs one session to its end; its place is given back when it is gone, however it went.
///
/// What only some sessions do, and none for long, waits in boxes of its own: an idle session holds no room for it.
#[allow(clippy::manual_async_fn, reason = "a function that is async would hold each of its arguments twice")]
pub(crate) fn converse(
    (shared, listener_settings): (Arc<Shared>, Arc<ListenerSettings>),
    place: Place,
    stream: Transport,
    mut remote: Remote,
    id: SessionId,
    watch: ServerWatch,
) -> impl Future<Output = ()> + Send {
    async move {
        let _place = place;
        let began = shared.clock.now().elapsed;
        let endpoint = watch.endpoint.clone();
        tracing::info!(
            peer = %remote.from,
            local = %local(&remote, &endpoint),
            protocol = %listener_settings.service.program().name,
            "connected"
        );
        let (ending, received, sent) = match enter(&listener_settings, &watch.phase, stream, &mut remote.peer).await {
            Err(error) => (Ending::Handshake(error), 0, 0),
            Ok(stream) => {
                let mut session = Session::new(shared.clone(), listener_settings.clone(), remote.clone(), id, watch);
                let ending = session.run(stream).await;
                if !matches!(ending, Ending::Closed) {
                    Box::pin(session.part()).await;
                }
                shared.actions.ended(&session.id);
                shared.counters.jumped_queue.fetch_add(session.machine.jumped(), Ordering::Relaxed);
                (ending, session.received, session.sent)
            }
        };
        if matches!(&ending, Ending::Handshake(error) if !matches!(error, HandshakeError::Ending)) {
            shared.counters.handshakes_failed.fetch_add(1, Ordering::Relaxed);
            shared.counters.tallies.gate(&endpoint).handshake_failed();
        }
        if let Some(rehearsal) = &listener_settings.rehearsal {
            rehearsal.watcher.ended();
        }
        tracing::info!(
            peer = %remote.from,
            seconds = format_args!("{:.3}", (shared.clock.now().elapsed - began).as_secs_f64()),
            received,
            sent,
            "disconnected: {ending}"
        );
    }
}

/// Our end of a connection, for the log.
fn local(remote: &Remote, endpoint: &Endpoint) -> Endpoint {
    match &remote.from {
        Endpoint::Inet(_) => crate::endpoint::socket_address(remote.peer.local_ip, remote.peer.local_port).into(),
        Endpoint::Unix(_) => endpoint.clone(),
    }
}

/// Tells a peer, in the protocol's own words, that there is no place for it.
pub(crate) async fn refuse(
    shared: Arc<Shared>,
    listener_settings: Arc<ListenerSettings>,
    stream: Transport,
    remote: Remote,
    id: SessionId,
    watch: ServerWatch,
) {
    // Under implicit TLS the words would cost a handshake, which is what there is no room for.
    if listener_settings.implicit().is_some() {
        return;
    }
    let mut session = Session::new(shared, listener_settings.clone(), remote, id, watch);
    let mut stream = Stream::Clear(stream);
    if session.feed(Input::End(Reason::Full)).is_ok() {
        let _ = timeout(REFUSAL, async {
            session.flush(&mut stream).await?;
            stream.end().await;
            io::Result::Ok(())
        })
        .await;
    }
    if let Some(rehearsal) = &listener_settings.rehearsal {
        rehearsal.watcher.ended();
    }
}

/// TLS before the first octet, where the listener wants it.
async fn enter(
    listener_settings: &ListenerSettings,
    phase: &watch::Receiver<Phase>,
    stream: Transport,
    peer: &mut Peer,
) -> Result<Stream, HandshakeError> {
    let Some(pair) = listener_settings.implicit() else { return Ok(Stream::Clear(stream)) };
    let (stream, tls) = Box::pin(unless_ending(phase, accept(stream, pair))).await?;
    tracing::info!(version = tls.version, cipher = %tls.cipher, "secured");
    peer.tls = Some(tls);
    Ok(Stream::Secure(stream))
}

/// A handshake, unless the server ends first: nobody has said anything yet that should be finished.
async fn unless_ending<T>(
    phase: &watch::Receiver<Phase>,
    handshake: impl Future<Output = Result<T, HandshakeError>>,
) -> Result<T, HandshakeError> {
    let mut phase = phase.clone();
    tokio::select! {
        done = handshake => done,
        _ = phase.wait_for(|phase| *phase == Phase::Ending) => Err(HandshakeError::Ending),
    }
}

impl Session {
    fn new(
        shared: Arc<Shared>,
        listener_settings: Arc<ListenerSettings>,
        remote: Remote,
        id: SessionId,
        watch: ServerWatch,
    ) -> Session {
        let spool = Arc::new(Spool::new(shared.spool.clone(), id.clone(), listener_settings.most_read));
        let watcher = listener_settings.rehearsal.as_ref().map(|rehearsal| rehearsal.watcher.clone());
        let tally = shared.counters.tallies.of(&listener_settings.service, &watch.endpoint);
        Session {
            desk: Desk::new(
                remote.from,
                (shared.actions.clone(), spool),
                watcher,
                tally.clone(),
                listener_settings.service.program().wire.line_end,
            ),
            machine: Machine::new(listener_settings.service.clone(), remote.peer, id.clone()),
            tally,
            calling: None,
            now: shared.clock.now(),
            alarm: Alarm::new(shared.clock.clone()),
            running: None,
            registration: None,
            next: None,
            finish: Alarm::new(shared.clock.clone()),
            watch,
            deaf: false,
            received: 0,
            sent: 0,
            shared,
            listener_settings,
            id,
        }
    }

    async fn run(&mut self, mut stream: Stream) -> Ending {
        self.registration =
            Some(self.shared.sessions.enter(&self.listener_settings.service, self.watch.endpoint.clone()));
        self.tally.began();
        if let Some(tls) = self.machine.peer().tls {
            self.tally.secured(tls.version);
        }
        let mut fed = self.feed(Input::Open);
        if *self.watch.phase.borrow_and_update() != Phase::Serving {
            fed = fed.and_then(|()| self.feed(Input::End(Reason::Shutdown)));
        }
        self.meet();
        loop {
            if fed.is_err() {
                self.break_off();
            }
            if self.desk.choked {
                let why = "there is no memory for what is to be sent: `limits.memory` is reached";
                return Ending::Broke(io::Error::new(io::ErrorKind::OutOfMemory, why));
            }
            fed = if let Some(drained) = self.desk.secure.take() {
                if let Err(error) = self.flush(&mut stream).await {
                    return Ending::Broke(error);
                }
                match Box::pin(self.secure(drained, stream)).await {
                    Ok((secured, tls)) => {
                        stream = secured;
                        self.now = self.shared.clock.now();
                        self.feed(Input::Secured(tls))
                    }
                    Err(ending) => return ending,
                }
            } else if let Some((id, kept)) = self.desk.kept.take() {
                // A slow disk is no silence of the peer.
                self.now = self.shared.clock.now();
                let refused = self.listener_settings.rehearsal.as_ref().and_then(|rehearsal| rehearsal.spool.clone());
                match refused.map_or(kept, Err) {
                    Ok(()) => self.feed(Input::Stored(id)),
                    Err(why) => self.feed(Input::StoreFailed(id, &why)),
                }
            } else if self.desk.closing {
                // Release this session's locks now: the peer may take long to close.
                self.running = None;
                self.shared.actions.ended(&self.id);
                // The log line waits for the end of the connection, not for its peer's farewell.
                stream.hold();
                let flushed = self.flush(&mut stream).await;
                Box::pin(stream.end()).await;
                return flushed.map_or_else(Ending::Broke, |()| Ending::Closed);
            } else if let Some((id, outcome)) = self.desk.answered.take() {
                self.feed(Input::Outcome(id, outcome))
            } else if let Some((id, outcome)) = self.answered_at_once().await {
                self.outcome(id, outcome)
            } else {
                // What was said before a state is left is heard when all is free that it held.
                let flushed = if self.machine.leaving() { Ok(()) } else { self.flush(&mut stream).await };
                if let Err(error) = flushed {
                    return Ending::Broke(error);
                }
                match self.wait(&mut stream).await {
                    Ok(fed) => fed,
                    Err(ending) => return ending,
                }
            };
        }
    }

    /// The connection is gone: what its state does on being left is done all the same.
    async fn part(&mut self) {
        self.now = self.shared.clock.now();
        let mut fed = self.feed(Input::Gone);
        while fed.is_ok() && !self.desk.closing {
            if let Some(at) = self.desk.deadline.take() {
                self.alarm.set(at);
            }
            self.rest(false);
            if let Some((id, outcome)) = self.desk.answered.take() {
                fed = self.feed(Input::Outcome(id, outcome));
                continue;
            }
            let answered = tokio::select! {
                biased;
                outcome = poll_fn(|cx| poll_answered(&mut self.running, cx)) => Some(outcome),
                () = self.alarm.rings() => None,
            };
            self.now = self.shared.clock.now();
            fed = match answered {
                Some((id, outcome)) => {
                    self.running = None;
                    self.outcome(id, outcome)
                }
                None => self.feed(Input::Timeout),
            };
        }
    }

    /// Waits for whatever comes first, and feeds it.
    async fn wait(&mut self, stream: &mut Stream) -> Result<Result<(), Fault>, Ending> {
        if let Some(at) = self.desk.deadline.take() {
            self.alarm.set(at);
        }
        if self.next.is_some() {
            self.go_on();
        }
        self.rest(true);
        let listens = !self.deaf && self.machine.wants_input();
        let event = if listens {
            let wide = self.desk.streaming;
            poll_fn(|context| match self.poll_news(context) {
                Poll::Ready(event) => Poll::Ready(event),
                Poll::Pending => {
                    let (clock, now, machine, desk) =
                        (&self.shared.clock, &mut self.now, &mut self.machine, &mut self.desk);
                    let heard = stream.poll_heard(context, wide, |octets| {
                        *now = clock.now();
                        desk.streaming = false;
                        let input = if octets.is_empty() { Input::Eof } else { Input::Bytes(octets) };
                        guarded(|| machine.feed(*now, input, desk)).map(|()| octets.len())
                    });
                    heard.map(Event::Heard)
                }
            })
            .await
        } else {
            let mut reset = pin!(stream.reset());
            poll_fn(|context| match self.poll_news(context) {
                Poll::Ready(event) => Poll::Ready(event),
                Poll::Pending => reset.as_mut().poll(context).map(|()| Event::Reset),
            })
            .await
        };
        if !matches!(event, Event::Heard(_)) {
            self.now = self.shared.clock.now();
        }
        match event {
            Event::Phase => Ok(self.feed(Input::End(Reason::Shutdown))),
            Event::Version => {
                self.meet();
                Ok(Ok(()))
            }
            Event::Timeout => Ok(self.feed(Input::Timeout)),
            Event::Outcome(id, outcome) => {
                self.running = None;
                Ok(self.outcome(id, outcome))
            }
            Event::Heard(Ok(Ok(octets))) => {
                self.received += octets as u64;
                self.deaf = octets == 0;
                self.begin_call();
                Ok(Ok(()))
            }
            Event::Heard(Ok(Err(fault))) => Ok(Err(fault)),
            Event::Heard(Err(error)) => Err(Ending::Broke(error)),
            Event::Reset => Err(Ending::Broke(io::ErrorKind::ConnectionReset.into())),
        }
    }

    /// What comes from elsewhere than the peer, an outcome first.
    fn poll_news(&mut self, context: &mut Context<'_>) -> Poll<Event> {
        if let Poll::Ready((id, outcome)) = poll_answered(&mut self.running, context) {
            return Poll::Ready(Event::Outcome(id, outcome));
        }
        // Who brings news wakes every session, so that none has to stand in a queue for it.
        if let Some(registration) = &self.registration {
            registration.listens(context);
        }
        if is_news(&mut self.watch.phase) || self.finish.poll_rings(context).is_ready() {
            return Poll::Ready(Event::Phase);
        }
        if is_news(&mut self.watch.version) {
            return Poll::Ready(Event::Version);
        }
        self.alarm.poll_rings(context).map(|()| Event::Timeout)
    }

    /// Another version may be in service: its rule says what becomes of this session.
    fn meet(&mut self) {
        let version = self.watch.version.borrow_and_update().clone();
        self.next = None;
        let Some(listener_settings) = version.listeners.get(&self.watch.endpoint) else { return };
        let (old, new) = (self.listener_settings.service.program(), listener_settings.service.program());
        if Arc::ptr_eq(&self.listener_settings.service, &listener_settings.service) || old.name != new.name {
            return;
        }
        if let (Some(after), false) = (new.reload.finish, self.finish.is_set()) {
            self.finish.set(Some(self.now.elapsed.saturating_add(after)));
        }
        if !new.reload.moves.is_empty() {
            let moving = version.moves.between(old, new);
            self.next = Some(Next {
                shared: version.shared.clone(),
                listener_settings: listener_settings.clone(),
                moving,
                told: false,
            });
        }
    }

    /// Goes on with the version in service, if that can be done where the session stands.
    fn go_on(&mut self) {
        let Some(next) = &mut self.next else { return };
        // What was said before may have taken its time to leave.
        self.now = self.shared.clock.now();
        match self.machine.go_on(&next.listener_settings.service, &next.moving, self.now, &mut self.desk) {
            Moved::Yes => {}
            Moved::NotHere => return,
            Moved::NotProved => {
                if !std::mem::replace(&mut next.told, true) {
                    let program = next.listener_settings.service.program();
                    tracing::info!(
                        "does not go on with version {} of {}: its promises are not proved for what is known here",
                        program.version,
                        program.name
                    );
                }
                return;
            }
        }
        if let Some(registration) = &self.registration {
            registration.moved(&next.listener_settings.service, self.machine.state_id());
        }
        tracing::debug!(
            "goes on with version {} of {}",
            next.listener_settings.service.program().version,
            next.listener_settings.service.program().name
        );
        (self.shared, self.listener_settings) = (next.shared.clone(), next.listener_settings.clone());
        // From here on its numbers are those of the new version.
        self.tally = self.shared.counters.tallies.of(&self.listener_settings.service, &self.watch.endpoint);
        self.desk.goes_on(self.shared.actions.clone(), self.tally.clone());
        self.desk.spool.is_read(self.listener_settings.most_read);
        self.next = None;
        self.finish.set(None);
        if let Some(at) = self.desk.deadline.take() {
            self.alarm.set(at);
        }
    }

    /// Lets a watcher know that all there was to do is done.
    fn rest(&self, listens: bool) {
        if let Some(registration) = &self.registration {
            registration.is_in(self.machine.state_id());
        }
        let Some(rehearsal) = &self.listener_settings.rehearsal else { return };
        rehearsal.watcher.rests(Rest {
            state: self.machine.state().name.to_string(),
            deadline: self.machine.deadline(),
            waits_for_time: self.machine.waits_for_time(),
            listens: listens && !self.deaf && self.machine.wants_input(),
            received: self.received,
            sent: self.sent,
            deaf: self.deaf,
        });
    }

    async fn secure(&mut self, drained: machine::Drained, stream: Stream) -> Result<(Stream, machine::Tls), Ending> {
        self.shared.counters.cleartext_dropped.fetch_add(drained.dropped() as u64, Ordering::Relaxed);
        // `Shared` refuses listeners whose protocol begins TLS without a certificate, so neither arm below is reached
        // by a configuration; a session that gets there ends.
        let (Some(pair), Stream::Clear(stream)) = (&self.listener_settings.pair, stream) else {
            return Err(Ending::Handshake(HandshakeError::Failed(io::ErrorKind::Unsupported.into())));
        };
        self.rest(false);
        match unless_ending(&self.watch.phase, upgrade(drained, stream, pair)).await {
            Ok((stream, tls)) => {
                tracing::info!(version = tls.version, cipher = %tls.cipher, "secured");
                self.tally.secured(tls.version);
                Ok((Stream::Secure(stream), tls))
            }
            Err(error) => Err(Ending::Handshake(error)),
        }
    }

    fn outcome(&mut self, id: CallId, outcome: Option<Outcome>) -> Result<(), Fault> {
        let outcome = outcome.ok_or(Fault)?;
        if let Some((target, since)) = self.calling.take() {
            self.tally.answered(target, outcome.index, self.now.elapsed.saturating_sub(since));
        }
        self.feed(Input::Outcome(id, outcome))
    }

    fn feed(&mut self, input: Input<'_>) -> Result<(), Fault> {
        guarded(|| self.machine.feed(self.now, input, &mut self.desk))?;
        self.begin_call();
        Ok(())
    }

    /// Begins the call that the machine made, and gives up the one that it cancelled.
    fn begin_call(&mut self) {
        if let Some(cancelled) = self.desk.cancelled.take() {
            self.running = self.running.take().filter(|(id, _)| *id != cancelled);
            if let Some((target, _)) = self.calling.take() {
                self.tally.given_up(target, !self.desk.closing);
            }
        }
        if let Some(call) = self.desk.call.take() {
            let payloads: Arc<dyn Payloads> = self.desk.spool.clone();
            let id = call.id;
            self.calling = self.tally.target(&call.target).map(|target| (target, self.now.elapsed));
            let call = *call;
            let running: Running = match &call.target {
                Target::Client(client) => self.shared.caller.call(Errand {
                    service: self.listener_settings.service.clone(),
                    client: client.clone(),
                    arguments: call.arguments.into_iter().map(Some).collect(),
                    payloads,
                    session: call.session,
                    within: Some(call.within),
                    witness: None,
                }),
                Target::Action(_) | Target::Statement(_) => {
                    let actions = self.shared.actions.clone();
                    Box::pin(async move { actions.run(call, payloads).await })
                }
            };
            self.running = Some((id, running));
        }
    }

    /// The answer of a call that needs no waiting, so that what was said before it leaves in one write with what
    /// comes behind it.
    async fn answered_at_once(&mut self) -> Option<(CallId, Option<Outcome>)> {
        self.running.as_ref()?;
        let answered = poll_fn(|cx| match poll_answered(&mut self.running, cx) {
            Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
            Poll::Pending => Poll::Ready(None),
        })
        .await;
        if answered.is_some() {
            self.running = None;
        }
        answered
    }

    async fn flush(&mut self, stream: &mut Stream) -> io::Result<()> {
        // Who hears an answer finds it counted.
        self.desk.count();
        let said = if self.desk.outgoing.is_empty() { 0 } else { Box::pin(self.flush_payloads(stream)).await? };
        if self.desk.unsent.is_empty() {
            return Ok(());
        }
        stream.say(&self.desk.unsent[said..], self.shared.patience).await?;
        self.sent += (self.desk.unsent.len() - said) as u64;
        self.desk.sent();
        Ok(())
    }

    /// Sends payloads and what stands before each of them; gives how much of the rest was sent with that.
    async fn flush_payloads(&mut self, stream: &mut Stream) -> io::Result<usize> {
        let patience = self.shared.patience;
        let mut said = 0;
        while let Some((at, payload, outgoing)) = self.desk.outgoing.pop_front() {
            stream.say(&self.desk.unsent[said..at], patience).await?;
            self.sent += (at - said) as u64;
            said = at;
            self.sent += pour(stream, payload.as_ref(), outgoing, patience).await?;
        }
        Ok(said)
    }

    /// After a panic: the machine is not trusted any more; a new one says that it is our fault.
    fn break_off(&mut self) {
        self.shared.counters.panics.fetch_add(1, Ordering::Relaxed);
        tracing::error!("a fault of this program ends the session");
        self.running = None;
        self.desk = self.desk_anew();
        self.machine = Machine::new(self.listener_settings.service.clone(), self.machine.peer(), self.id.clone());
        if self.feed(Input::End(Reason::Broken)).is_err() {
            self.desk = self.desk_anew();
        }
        self.running = None;
        self.calling = None;
        self.desk.closing = true;
    }

    fn desk_anew(&self) -> Desk {
        let line_end = self.listener_settings.service.program().wire.line_end;
        let asked = (self.shared.actions.clone(), self.desk.spool.clone());
        Desk::new(self.desk.peer.clone(), asked, None, self.tally.clone(), line_end)
    }
}

/// Sends a payload piece by piece, no faster than the peer reads; gives how many octets were sent.
async fn pour(
    stream: &mut Stream,
    payload: Option<&Payload>,
    mut outgoing: Outgoing,
    patience: Patience,
) -> io::Result<u64> {
    let (mut position, mut sent) = (0, 0);
    let (mut piece, mut out) = (Vec::new(), Vec::new());
    while let Some(payload) = payload {
        piece.clear();
        spool::piece(payload, position, &mut piece).map_err(io::Error::other)?;
        if piece.is_empty() {
            break;
        }
        position += piece.len() as u64;
        outgoing.push(&piece, &mut out);
        stream.say(&out, patience).await?;
        sent += out.len() as u64;
        out.clear();
    }
    outgoing.finish(&mut out);
    if !out.is_empty() {
        stream.say(&out, patience).await?;
    }
    Ok(sent + out.len() as u64)
}

/// The outcome of the call that is out; none when it panicked. Never ready when none is out.
fn poll_answered(running: &mut Option<(CallId, Running)>, cx: &mut Context<'_>) -> Poll<(CallId, Option<Outcome>)> {
    let Some((id, call)) = running else { return Poll::Pending };
    match catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(cx))) {
        Ok(poll) => poll.map(|outcome| (*id, Some(outcome))),
        Err(_) => Poll::Ready((*id, None)),
    }
}

/// Whether there is news of the server that was not seen; never from one that is gone.
fn is_news<T>(news: &mut watch::Receiver<T>) -> bool {
    let is_new = news.has_changed().unwrap_or(false);
    if is_new {
        news.mark_unchanged();
    }
    is_new
}

fn guarded(job: impl FnOnce()) -> Result<(), Fault> {
    catch_unwind(AssertUnwindSafe(job)).map_err(|_| Fault)
}

//! What the machine does, kept in the words of the naive evaluator.
//!
//! Never: compares.

use std::collections::VecDeque;

use hunt::meaning::{Seen, Value};
use machine::{Body, Effect, Effects, Outgoing};
use program::{Call, LineEnd, PayloadId};
use transcript::play::Payloads;

/// What the machine does, in the words of the naive evaluator.
#[derive(Default)]
pub(crate) struct Desk {
    pub(crate) seen: Vec<Seen>,
    pub(crate) line_end: LineEnd,
    pub(crate) calls: VecDeque<Call>,
    pub(crate) ended: VecDeque<PayloadId>,
    pub(crate) payloads: Payloads,
    pub(crate) securing: bool,
}

impl Effects for Desk {
    fn effect(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::Send { octets, .. } => self.seen.push(Seen::Sent(octets.to_vec())),
            Effect::Payload { id, form, .. } => {
                let mut octets = Vec::new();
                let mut outgoing = Outgoing::new(form, self.line_end);
                outgoing.push(&self.content(id), &mut octets);
                outgoing.finish(&mut octets);
                self.seen.push(Seen::Sent(octets));
            }
            Effect::Call(call) => {
                let arguments = call.arguments.iter();
                let content = |id| self.content(Some(id));
                let arguments = arguments.map(|value| Value::of(value, None, &content).plain()).collect();
                let using = call.using.as_ref().map(|statement| statement.name.to_string());
                let name = call.target.name().to_string();
                self.seen.push(Seen::Asked { name, arguments, using, within: call.within });
                self.calls.push_back(call);
            }
            Effect::Cancel(id) => {
                self.calls.retain(|call| call.id != id);
                self.seen.push(Seen::Cancelled);
            }
            Effect::Body(Body::Begin(id)) => drop(self.payloads.insert(id, Vec::new())),
            Effect::Body(Body::Chunk(id, octets)) => self.payloads.entry(id).or_default().extend_from_slice(octets),
            Effect::Body(Body::End(id)) => {
                self.ended.push_back(id);
                self.seen.push(Seen::Keep(self.content(Some(id))));
            }
            Effect::Body(Body::Copy(new, old)) => {
                let same = self.content(Some(old));
                self.payloads.insert(new, same);
            }
            Effect::Body(Body::Join(first, second)) => {
                let more = self.payloads.remove(&second).unwrap_or_default();
                self.payloads.entry(first).or_default().extend(more);
            }
            Effect::Body(Body::Discard(id)) => drop(self.payloads.remove(&id)),
            Effect::Secure(drained) => {
                self.securing = true;
                self.seen.push(Seen::Secure(drained.dropped()));
            }
            Effect::Log(level, line) => self.seen.push(Seen::Logged(level, line.to_owned())),
            Effect::Deadline(_) | Effect::Heard(_) | Effect::Said(_) => {}
            Effect::Close => self.seen.push(Seen::Closed),
        }
    }
}

impl Desk {
    /// The octets of a payload.
    pub(crate) fn content(&self, id: Option<PayloadId>) -> Vec<u8> {
        id.and_then(|id| self.payloads.get(&id)).cloned().unwrap_or_default()
    }
}

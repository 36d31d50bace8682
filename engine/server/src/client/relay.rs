//! A sink that hands messages to another server, through a client of a protocol.
//!
//! Never: says that a message is stored before that server has said so.

use std::{fmt, sync::Arc};

use actions::{
    Payload, Payloads,
    sink::Courier,
    world::{Answer, Message, NotStored},
};
use machine::Service;
use program::{Address, Client, ClientParameter, Octets, PayloadId, SessionId, Value, Words};

use super::call::{Caller, Errand};

/// What a relay itself gives to the parameters of its client that have these names.
pub const FIELDS: [&str; 6] = ["host", "port", "from", "to", "body", "eight_bit"];

/// A place for messages on another server.
pub struct Relay {
    /// Who connects.
    pub caller: Arc<dyn Caller>,
    /// The protocol, bound to its settings.
    pub service: Arc<Service>,
    /// The client that is asked.
    pub client: Arc<Client>,
    /// The name or address of the other server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What the configuration gives to the client's other parameters; none is a default.
    pub given: Vec<Option<Value>>,
}

/// The one payload of a message on its way.
struct Load(Payload);

/// What was found out about the octets of a message.
#[derive(Debug, Clone, Copy, Default)]
struct Look {
    eight_bit: bool,
    bare: bool,
    after_cr: bool,
}

impl Courier for Relay {
    fn hand_on(&self, message: Message) -> Answer<'_, Result<Words, NotStored>> {
        Answer::later(self.run(message))
    }
}

impl Relay {
    async fn run(&self, message: Message) -> Result<Words, NotStored> {
        let failed = |why: String| NotStored::Failed(why.into());
        let whole = whole(&message);
        let payload = whole.clone();
        let looked = tokio::task::spawn_blocking(move || look(&payload)).await;
        let look = looked.map_err(|_| failed("the message could not be looked at".into()))?.map_err(failed)?;
        if look.bare {
            // No server may be handed such a message (RFC 5321 §2.3.8), now or later.
            return Err(NotStored::Refused("it has a bare CR or LF in it".into()));
        }
        let length = whole.length();
        let arguments = self.client.parameters.iter().zip(&self.given).map(|(parameter, given)| {
            given
                .clone()
                .or_else(|| self.value(&parameter.name, &message, length, look))
                .or_else(|| told(&message, parameter))
        });
        let errand = Errand {
            service: self.service.clone(),
            client: self.client.clone(),
            arguments: arguments.collect(),
            payloads: Arc::new(Load(whole)),
            session: SessionId("relay".into()),
            within: None,
            witness: None,
        };
        let outcome = self.caller.call(errand).await;
        let name = self.client.outcomes.get(outcome.index).map_or("", |outcome| &outcome.name);
        let text = match outcome.values.first() {
            Some(Value::Text(text)) => text.clone(),
            _ => name.into(),
        };
        match name {
            "stored" => Ok(text),
            "refused" => Err(NotStored::Refused(text.into())),
            // Who cannot be connected to is named already.
            "failed" if text.starts_with(&self.host) => Err(NotStored::Failed(text.into())),
            "failed" => Err(NotStored::Failed(format!("{} port {}: {text}", self.host, self.port).into())),
            other => Err(NotStored::Failed(format!("the client gave `{other}`").into())),
        }
    }

    /// What a relay knows by itself.
    fn value(&self, name: &str, message: &Message, length: u64, look: Look) -> Option<Value> {
        Some(match name {
            "host" => Value::Text(self.host.as_str().into()),
            "port" => Value::Number(self.port.into()),
            "from" => address(message.sender()),
            "to" => Value::List(message.recipients().map(address).collect()),
            "body" => Value::Octets(Octets { id: Some(PayloadId(0)), length }),
            "eight_bit" => Value::Yes(look.eight_bit),
            _ => return None,
        })
    }
}

/// What the message itself says to a parameter that has the name and the type of one of its fields.
fn told(message: &Message, parameter: &ClientParameter) -> Option<Value> {
    let (ty, value) = message.field(&parameter.name)?;
    (*ty == parameter.ty && *value != Value::Absent).then(|| value.clone())
}

fn address(text: &str) -> Value {
    Value::Address(Address { at: text.rfind('@'), text: text.into() })
}

/// The header fields that were put in front, and the message as it came.
fn whole(message: &Message) -> Payload {
    let body = message.body.clone().unwrap_or(Payload::Memory(Arc::default()));
    if message.headers().is_empty() {
        return body;
    }
    let mut head = String::new();
    for header in message.headers() {
        head.push_str(header);
        head.push_str("\r\n");
    }
    Payload::Behind(head.into_bytes().into(), Box::new(body))
}

/// Reads a message once, before anybody is connected to. Blocks while a file is read.
fn look(message: &Payload) -> Result<Look, String> {
    let mut look = Look::default();
    message.read(u64::MAX, |octets| {
        look.at(octets);
        Ok(())
    })?;
    look.bare |= look.after_cr;
    Ok(look)
}

impl Look {
    fn at(&mut self, octets: &[u8]) {
        for octet in octets {
            self.bare |= self.after_cr != (*octet == b'\n');
            self.after_cr = *octet == b'\r';
            self.eight_bit |= !octet.is_ascii();
        }
    }
}

impl Payloads for Load {
    fn payload(&self, _: PayloadId) -> Option<Payload> {
        Some(self.0.clone())
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Relay({} port {} by {})", self.host, self.port, self.client.name)
    }
}

#[cfg(test)]
mod tests {
    use program::{Record, Shape};

    use super::*;

    #[test]
    fn a_look_at_a_message_finds_what_must_not_be_sent_on() {
        let check = |body: &'static [u8], bare: bool, eight_bit: bool| {
            let body = Payload::Memory(body.to_vec().into());
            let shape = Arc::new(Shape { name: "message".into(), fields: Vec::new() });
            let mut record = Record::new(shape, []);
            record.headers.push("A: b".into());
            let message = Message { record: Some(Arc::new(record)), body: Some(body), ..Message::default() };
            let look = look(&whole(&message)).unwrap();
            assert_eq!((look.bare, look.eight_bit), (bare, eight_bit));
        };
        check(b"a\r\nb\r\n", false, false);
        check(b"\r\n\r\n", false, false);
        check("ä\r\n".as_bytes(), false, true);
        for body in [&b"a\nb\r\n"[..], b"\n", b"a\rb", b"a\r\r\n", b"a\r"] {
            check(body, true, false);
        }
    }
}

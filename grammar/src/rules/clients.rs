//! The client role: what only a client does, and what it must not forget.
//!
//! Never: look-ups, to which an ask of a client belongs.

use super::stage;

stage! {
    ROLE = "E01" Error "this statement belongs to the other role"
    page "A client connects, awaits, sends and gives; a command says, replies and goes to a state. Neither can do what the other does: a client has no peer to reply to, and a command has no other server to send to. A command asks a client:  ask NAME(…) within TIME { … }."
    accepted "client probe(host: text) gives up | down { connect to host port 25 within 5 seconds  await within 5 seconds { 220 { give up }  otherwise { give down } } }\nstart state a { on \"X {w: word}\" { ask probe(w) within 9 seconds { up { reply 250 \"Up\"  stay }  down { reply 250 \"Down\"  stay }  failed(why) { reply 451 \"{why}\"  stay } } } }"
    refused "start state a { on \"X\" { send \"X\"  reply 250 \"X\"  stay } }"

    NO_OTHERWISE = "E02" Error "not every answer is awaited"
    page "Another server may answer anything. `otherwise { … }` says what is done with all that no line before it takes."
    accepted "public client probe(host: text) gives up | down { connect to host port 25 within 5 seconds  await within 5 seconds { 220 { give up }  otherwise { give down } } }\nstart state a { on \"X\" -> 250 \"X\" }"
    refused "public client probe(host: text) gives up | down { connect to host port 25 within 5 seconds  await within 5 seconds { 220 { give up } }  give down }\nstart state a { on \"X\" -> 250 \"X\" }"

    CONNECTION = "E03" Error "there is no connection here, or there is one already"
    page "A client connects once, before anything else that needs the other server. Who needs two servers asks two clients. TLS begins once, too."
    accepted "public client probe(host: text) gives up { connect to host port 25 within 5 seconds  send \"X\"  give up }\nstart state a { on \"X\" -> 250 \"X\" }"
    refused "public client probe(host: text) gives up { send \"X\"  connect to host port 25 within 5 seconds  give up }\nstart state a { on \"X\" -> 250 \"X\" }"

    NO_GIVE = "E04" Error "a path of a client gives nothing"
    page "Every path of a client ends in `give VARIANT(…)`, one of those that its head declares, or `failed(why)`, which every client may give."
    accepted "public client probe(host: text) gives up { connect to host port 25 within 5 seconds  give up }\nstart state a { on \"X\" -> 250 \"X\" }"
    refused "public client probe(host: text) gives up { connect to host port 25 within 5 seconds }\nstart state a { on \"X\" -> 250 \"X\" }"

    UNREADABLE = "E05" Error "an answer of this wire cannot be read"
    page "A client reads the wire's form of an answer backwards: status, literals, text. Behind the {text} only literals can stand, and a status is awaited only where the form has one. A word is awaited only where the wire declares it."
    accepted "public client probe(host: text) gives up { connect to host port 25 within 5 seconds  await within 5 seconds { 2xx { give up }  otherwise { give failed(\"no\") } } }\nstart state a { on \"X\" -> 250 \"X\" }"
    refused "public client probe(host: text) gives up { connect to host port 25 within 5 seconds  await within 5 seconds { READY { give up }  otherwise { give failed(\"no\") } } }\nstart state a { on \"X\" -> 250 \"X\" }"

    OTHER_WIRE = "E06" Warning "a client speaks another wire than it was written for"
    page "A client speaks the wire of the protocol that it is in. Where a protocol takes another one over and changes how lines end or what answers look like, the clients that it takes over with it change, too: a server of the former wire does not understand them, and they wait until their time is over. Write such a client anew with `override client`, take it away with `remove client`, or let another protocol have the other wire. In the samples `greeter` has a client `probe`."
    accepted "protocol louder from greeter version 1\nremove client probe\noverride wire { lines lf at most 100 octets }"
    refused "protocol louder from greeter version 1\noverride wire { lines lf at most 100 octets }"
}

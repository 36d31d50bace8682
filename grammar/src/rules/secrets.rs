//! Secrets stay secret.
//!
//! Never: anything else.

use super::stage;

stage! {
    LEAK = "K01" Error "a secret would go where it may be seen"
    page "A `secret` goes only to an action or a statement that declares it takes one: never into an answer, a log, a comparison or a plain fact of another type."
    accepted "start state a { on \"P {p: secret text}\" -> 250 \"Thanks\" }"
    refused "start state a { on \"P {p: secret text}\" -> 250 \"Thanks for {p}\" }"

    IN_CLEAR = "K02" Error "a secret would travel in the clear"
    page "A client may send a secret only where TLS is known to be up: behind `start tls`, or inside `if tls is present { … }`. That is proved when the file is compiled."
    accepted "public client login(host: text, password: secret text) gives in { connect to host port 25 within 5 seconds  if tls is present { send \"PASS {password}\" }  give in }\nstart state a { on \"X\" -> 250 \"X\" }"
    refused "public client login(host: text, password: secret text) gives in { connect to host port 25 within 5 seconds  send \"PASS {password}\"  give in }\nstart state a { on \"X\" -> 250 \"X\" }"
}

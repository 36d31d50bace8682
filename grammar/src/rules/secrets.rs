//! Secrets stay secret.
//!
//! Never: anything else.

use super::stage;

stage! {
    LEAK = "K01" Error "a secret would go where it may be seen"
    page "A `secret` goes only to an action or a statement that declares it takes one: never into an answer, a log, a comparison or a plain fact of another type."
    accepted "start state a { on \"P {p: secret text}\" -> 250 \"Thanks\" }"
    refused "start state a { on \"P {p: secret text}\" -> 250 \"Thanks for {p}\" }"
}

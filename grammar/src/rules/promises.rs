//! Promises.
//!
//! Never: an error yet.

use super::stage;

stage! {
    NOT_PROVED = "P01" Note "this promise is not proved yet"
    page "`promise \"…\" { never EVENT unless CONDITION }` is read, and what it names must exist. It is not proved yet."
    accepted "start state a { on \"X\" -> 250 \"X\" }"
    refused "start state a { on \"X\" -> 250 \"X\" goto b }\nstate b { on \"Y\" -> 250 \"Y\" }\npromise \"b is private\" { never in b unless tls is present }"
}

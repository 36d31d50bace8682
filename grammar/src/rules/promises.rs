//! Promises.
//!
//! Never: passes over one that cannot be decided.

use super::stage;

stage! {
    BROKEN = "P01" Error "a promise that can be broken"
    page "`promise \"…\" { never EVENT unless CONDITION }` is proved when the file is compiled: over all states, with TLS and without, with every fact that may be there or not, and with every outcome of every look-up. Here there is a way on which the event happens and none of the conditions holds. The way is told, and it can be played: guard the event, or mend the promise."
    accepted "start state a { on \"X\" when tls is present -> 250 \"X\" goto b }\nstate b { on \"Y\" -> 250 \"Y\" }\npromise \"b is private\" { never in b unless tls is present }"
    refused "start state a { on \"X\" -> 250 \"X\" goto b }\nstate b { on \"Y\" -> 250 \"Y\" }\npromise \"b is private\" { never in b unless tls is present }"

    UNDECIDED = "P02" Warning "a promise that cannot be decided"
    page "There may be a way on which the promise is broken, and whether there is one hangs on values: on a number that is counted, on what stands in a list. The proof knows states, TLS, facts that are there or not, outcomes, and conditions as they are written; it does not calculate. Write the guard in the words of the promise, right before the event."
    accepted "start state a { on \"X {n: number} {m: number}\" { require n > m else 550 \"No\"  reply 250 \"X\"  stay } }\npromise \"larger ones first\" { never reply 250 unless n > m }"
    refused "start state a { on \"X {n: number} {m: number}\" { require n > m else 550 \"No\"  reply 250 \"X\"  stay } }\npromise \"larger ones first\" { never reply 250 unless m < n }"

    EMPTY = "P03" Warning "a promise that says nothing"
    page "What the promise speaks of never happens in this file, so it is kept whatever the file does. Often a name was changed in one place and not in the other."
    accepted "start state a { on \"X\" -> 250 \"X\" }\npromise \"polite\" { never reply 250 unless tls is absent or tls is present }"
    refused "start state a { on \"X\" -> 250 \"X\" }\npromise \"polite\" { never reply 299 unless tls is present }"
}

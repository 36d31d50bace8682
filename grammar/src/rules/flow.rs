//! Flow: every path ends, and answers once.
//!
//! Never: which state a path leads to.

use super::stage;

stage! {
    NO_ENDING = "F01" Error "a path has no ending"
    page "Every path of a body ends with exactly one of `goto STATE`, `stay`, `close`, `start tls then goto STATE`, or `run ROUTINE`, which ends."
    accepted "start state a { on \"X\" { reply 250 \"X\"  stay } }"
    refused "start state a { on \"X\" { reply 250 \"X\" } }"

    NO_ANSWER = "F02" Error "a path gives no answer"
    page "Every command is answered once on every path; the answer of the target's `enter` counts. Where the protocol wants no answer, say `silent`."
    accepted "start state a { on \"X\" { reply 250 \"X\"  stay } }"
    refused "start state a { on \"X\" { log info \"x\"  stay } }"

    TWO_ANSWERS = "F03" Error "a path gives two answers"
    page "One command has one final answer. A second one puts the peer out of step for good. Lines before the final answer are said with `say`; a path that answers within `if` must end there, or leave the answer to what follows."
    accepted "start state a { on \"X {n: number}\" { if n > 5 { reply 501 \"No\"  stay }  reply 250 \"X\"  stay } }"
    refused "start state a { on \"X {n: number}\" { if n > 5 { reply 501 \"No\" }  reply 250 \"X\"  stay } }"

    NEVER_RUNS = "F04" Error "this never runs"
    page "What stands before it ends every path. Take it away, or move it up."
    accepted "start state a { on \"X\" { log info \"x\"  reply 250 \"X\"  stay } }"
    refused "start state a { on \"X\" { reply 250 \"X\"  stay  log info \"x\" } }"

    SAID_TOO_LATE = "F05" Error "something is said behind the final answer"
    page "`say` is for lines before the final answer."
    accepted "start state a { on \"X\" { say 250 \"First\"  reply 250 \"X\"  stay } }"
    refused "start state a { on \"X\" { reply 250 \"X\"  say 250 \"Last\"  stay } }"

    RECURSION = "F06" Error "a routine runs itself"
    page "Every body must end, so routines cannot run each other in a circle. To do something again, let the peer ask again."
    accepted "routine r { reply 250 \"X\"  stay }\nstart state a { on \"X\" { run r } }"
    refused "routine r { run r }\nstart state a { on \"X\" { run r } }"
}

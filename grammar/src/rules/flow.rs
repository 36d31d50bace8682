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
    page "One command has one final answer. A second one puts the peer out of step for good. Lines before the final answer are said with `say`; a path that answers within `if` must end there, or leave the answer to what follows. What may cut a path short counts too: a `count`, a `prompt`, an `add` that may find no room."
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

    ENDLESS_ANSWER = "F07" Error "an answer leads back to itself"
    page "The answer of a limit that counts towards the same limit would begin again where it stands, for ever; so would two limits that count towards each other, and a `bad answer` that asks again. So would an `add` that may find no room, in the answer of `full`. Take the `count`, the `prompt` or the `add` out of it, or let the `add` say what happens."
    accepted "limits { line -> 500 \"Long\" idle 5 minutes -> 421 \"Idle\" close session 1 hours -> 421 \"Long\" close shutdown -> 421 \"Bye\" close full -> 421 \"Full\" close broken -> 421 \"Broken\" close  errors 3 -> 421 \"Enough\" close }\nstart state a { on \"BAD\" { count errors  reply 500 \"Bad\"  stay } }"
    refused "limits { line -> 500 \"Long\" idle 5 minutes -> 421 \"Idle\" close session 1 hours -> 421 \"Long\" close shutdown -> 421 \"Bye\" close full -> 421 \"Full\" close broken -> 421 \"Broken\" close  errors 3 { count errors  reply 421 \"Enough\"  close } }\nstart state a { on \"BAD\" { count errors  reply 500 \"Bad\"  stay } }"

    LEFT_OWING = "F08" Error "not every element would be answered"
    page "In an `answer each` the peer waits for one answer for each element. What ends the command in the middle of it (an ending, a `count` that reaches its limit, a `prompt` that is not answered, an `add` that finds no room) leaves the others without theirs, and the peer takes what comes next for them. Decide it in front of the `answer each`, or behind it."
    accepted "record r { xs: list of word at most 5 }\nstart state a { on \"I\" -> 250 \"I\" goto b with p = r { xs: [] } }\nstate b has p { on \"ALL\" { require p.xs is not empty else 550 \"None\"  answer each x in p.xs { reply 250 \"{x}\" }  stay }  on \"ADD {w: word}\" { require size(p.xs) < 5 else 552 \"Full\"  add w to p.xs  reply 250 \"Added\"  stay } }"
    refused "record r { xs: list of word at most 5 }\nstart state a { on \"I\" -> 250 \"I\" goto b with p = r { xs: [] } }\nstate b has p { on \"ALL\" { require p.xs is not empty else 550 \"None\"  answer each x in p.xs { require x != \"stop\" else 550 \"No\"  reply 250 \"{x}\" }  stay }  on \"ADD {w: word}\" { require size(p.xs) < 5 else 552 \"Full\"  add w to p.xs  reply 250 \"Added\"  stay } }"
}

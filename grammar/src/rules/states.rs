//! States: reached, left, and with the facts they have.
//!
//! Never: what a command answers.

use super::stage;

stage! {
    START = "G01" Error "sessions begin in exactly one state, which has no facts"
    page "Write `start state …` once. Nothing can have supplied facts when a session begins."
    accepted "start state a { on \"X\" -> 250 \"X\" }"
    refused "start state a { on \"X\" -> 250 \"X\" goto b }\nstart state b"

    UNREACHABLE = "G02" Error "nothing leads to this state"
    page "No `goto` of a state that can itself be reached names it. Write one, or take the state away."
    accepted "start state a { on \"X\" -> 250 \"X\" goto b }\nstate b"
    refused "start state a { on \"X\" -> 250 \"X\" }\nstate b"

    DEAD_END = "G03" Error "nothing leads out of this state"
    page "A session that comes here can neither go on nor end. A state that can only be closed is no dead end, and where the wire has requests a session may serve in one state for good: whoever asks hangs up when there is nothing more to ask."
    accepted "start state a { on \"X\" -> 250 \"X\" close }"
    refused "protocol p version 1\nwire { lines crlf at most 100 octets reply \"{code} {text}\" }\nstart state a { on \"X\" -> 250 \"X\" }\nunexpected { out of order -> 503 \"No\" bad arguments -> 501 \"No\" unknown command -> 500 \"No\" }\nlimits { line -> 500 \"Long\" idle 5 minutes -> 421 \"Idle\" close session 1 hours -> 421 \"Long\" close shutdown -> 421 \"Bye\" close full -> 421 \"Full\" close broken -> 421 \"Broken\" close }"

    FACT_MISSING = "G04" Error "a fact is missing on the way"
    page "A state lists the facts it `has`. Whoever goes there supplies those that the present state lacks: `goto S with fact = value`. A routine lists what it `needs`."
    accepted "start state a { on \"I {n: word}\" -> 250 \"Hello\" goto b with who = n }\nstate b has who { on \"WHO\" -> 250 \"{who}\" }"
    refused "start state a { on \"I {n: word}\" -> 250 \"Hello\" goto b  on \"J {n: word}\" -> 250 \"Hello\" goto b with who = n }\nstate b has who { on \"WHO\" -> 250 \"{who}\" }"

    ENTER_CIRCLE = "G05" Error "entering this state leads back to it"
    page "The `goto`s inside `enter` must come to rest in a state whose `enter` stays or that has none."
    accepted "start state a { enter { reply 220 \"Hello\"  goto b } }\nstate b"
    refused "start state a { enter { reply 220 \"Hello\"  goto b } }\nstate b { enter { goto a } }"

    SURVIVES_TLS = "G06" Error "something learnt in the clear would survive the upgrade"
    page "RFC 3207 §4.2: after the upgrade both sides forget what was said in the clear. The state behind `start tls then goto` has no facts."
    accepted "start state a { on \"TLS\" when tls is absent { reply 220 \"Go\"  start tls then goto a } }"
    refused "start state a { on \"I {n: word}\" -> 250 \"Hello\" goto b with who = n }\nstate b has who { on \"TLS\" when tls is absent { reply 220 \"Go\"  start tls then goto b }  on \"WHO\" -> 250 \"{who}\" }"

    NO_SUCH_FACT = "G07" Error "the target does not have this fact"
    page "`with` supplies facts that the target `has`. Add it there, or take it away here."
    accepted "start state a { on \"I {n: word}\" -> 250 \"Hello\" goto b with who = n }\nstate b has who { on \"WHO\" -> 250 \"{who}\" }"
    refused "start state a { on \"I {n: word}\" -> 250 \"Hello\" goto b with who = n }\nstate b"

    CANNOT_DROP = "G08" Error "this fact cannot be dropped"
    page "`goto S without x` drops a fact that both states have and that the target may lack (`has x?`)."
    accepted "start state a { on \"I {n: word}\" -> 250 \"Hello\" goto b with who = n }\nstate b has who? { on \"OUT\" -> 250 \"Bye\" goto b without who }"
    refused "start state a { on \"I {n: word}\" -> 250 \"Hello\" goto b with who = n }\nstate b has who { on \"OUT\" -> 250 \"{who}\" goto b without who }"

    NO_GOTO_HERE = "G09" Error "this runs in every state and cannot go to one"
    page "`unexpected` and `limits` run in whatever state the session is in, so they end with `stay` or `close`."
    accepted "start state a { on \"X\" -> 250 \"X\" }"
    refused "start state a { on \"X\" -> 250 \"X\" }\nunexpected { out of order -> 503 \"No\" goto a  bad arguments -> 501 \"No\"  unknown command -> 500 \"No\" }"

    TWO_TYPES = "G10" Error "one fact has two types"
    page "A fact has one type in every state. Give one of the two another name."
    accepted "start state a { on \"I {n: word}\" -> 250 \"Hello\" goto b with who = n  on \"J {n: text}\" -> 250 \"Hello\" goto b with who = n }\nstate b has who { on \"WHO\" -> 250 \"{who}\" }"
    refused "start state a { on \"I {n: word}\" -> 250 \"Hello\" goto b with who = n  on \"J {n: number}\" -> 250 \"Hello\" goto b with who = n }\nstate b has who { on \"WHO\" -> 250 \"{who}\" }"

    NEVER_SUPPLIED = "G11" Error "nothing supplies this fact"
    page "No `goto … with` gives it a value, so it can never be there."
    accepted "start state a { on \"I {n: word}\" -> 250 \"Hello\" goto b with who = n }\nstate b has who? { on \"X\" -> 250 \"X\" }"
    refused "start state a { on \"I {n: word}\" -> 250 \"Hello {n}\" goto b }\nstate b has who? { on \"X\" -> 250 \"X\" }"

    RELOAD = "G12" Error "what becomes of old sessions is not said once, or not with a time"
    page "`reload { finish old sessions 10 minutes  move at ready }` stands at most once in a file. The time counts from the reload that replaced what the session speaks; then it is given the answer of `limits { shutdown }`."
    accepted "start state a { on \"X\" -> 250 \"X\" }\nreload { finish old sessions 10 minutes  move at a }"
    refused "start state a { on \"X\" -> 250 \"X\" }\nreload { finish old sessions 10 MB }"

    LEAVE_ONLY = "G13" Error "this cannot be done on leaving a state"
    page "`leave { … }` runs however a state is left: by `goto` to another state, by `start tls`, by `close`, by a limit, when the peer hangs up, when the server ends. It may ask and log; there may be nobody to answer, and where the session goes is decided already."
    accepted "sql free(id: word) gives nothing as \"DELETE FROM locks WHERE id = :id\"\nstart state a { on \"I {n: word}\" -> 250 \"Hello\" goto b with who = n }\nstate b has who { leave { ask free(who) within 2 seconds { done { }  failed(why) { log error \"{why}\" } } }  on \"X\" -> 250 \"X\" }"
    refused "sql free(id: word) gives nothing as \"DELETE FROM locks WHERE id = :id\"\nstart state a { on \"I {n: word}\" -> 250 \"Hello\" goto b with who = n }\nstate b has who { leave { ask free(who) within 2 seconds { done { }  failed(why) { reply 451 \"{why}\" } } }  on \"X\" -> 250 \"X\" }"

    NEVER_ENTERED = "G16" Error "a session would go on without its greeting"
    page "What talks early is answered before the start state was entered: its `enter`, which greets, has not run. So the answer ends the session."
    accepted "start state a { enter { reply 220 \"Hello\"  stay }  on \"X\" -> 250 \"X\" }\nlimits { line -> 500 \"Long\" idle 5 minutes -> 421 \"Idle\" close session 1 hours -> 421 \"Long\" close shutdown -> 421 \"Bye\" close full -> 421 \"Full\" close broken -> 421 \"Broken\" close  talking early within 1 second -> 554 \"Early\" close }"
    refused "start state a { enter { reply 220 \"Hello\"  stay }  on \"X\" -> 250 \"X\" }\nlimits { line -> 500 \"Long\" idle 5 minutes -> 421 \"Idle\" close session 1 hours -> 421 \"Long\" close shutdown -> 421 \"Bye\" close full -> 421 \"Full\" close broken -> 421 \"Broken\" close  talking early within 1 second -> 554 \"Early\" stay }"
}

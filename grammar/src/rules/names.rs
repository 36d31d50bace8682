//! Names: declared once, and found.
//!
//! Never: types.

use super::stage;

stage! {
    DUPLICATE = "N01" Error "two things have one name"
    page "Within one file a setting, type, record, statement, state, routine, set of offers, field or hole has a name of its own. Give one of the two another name."
    accepted "start state a { on \"GO\" -> 250 \"Go\" goto b }\nstate b"
    refused "start state a { on \"GO\" -> 250 \"Go\" goto b }\nstate b\nstate b"

    UNKNOWN_NAME = "N02" Error "nothing has this name here"
    page "A body sees the holes of its line, what it bound with `let` or in an outcome, the facts of its state, and what is known everywhere: `settings.…`, `peer.ip`, `peer.literal`, `peer.port`, `local.name`, `local.ip`, `local.port`, `tls`, `session.id`, `now`. `usage`, `expected`, `verb` and `line` are known in `unexpected` and `limits`."
    accepted "start state a { on \"ECHO {what: text}\" -> 250 \"{what}\" }"
    refused "start state a { on \"ECHO {what: text}\" -> 250 \"{waht}\" }"

    UNKNOWN_TYPE = "N03" Error "no type has this name"
    page "A type is built in (`text`, `word`, `number`, `domain`, …) or declared in the file with `type` or `record`."
    accepted "type pin = 4DIGIT\nstart state a { on \"PIN {p: pin}\" -> 250 \"{p}\" }"
    refused "start state a { on \"PIN {p: pin}\" -> 250 \"{p}\" }"

    UNKNOWN_STATE = "N04" Error "no state has this name"
    page "`goto`, `during` and `start tls then goto` name states of the same file."
    accepted "start state a { on \"GO\" -> 250 \"Go\" goto b }\nstate b"
    refused "start state a { on \"GO\" -> 250 \"Go\" goto c }\nstate b"

    UNKNOWN_ACTION = "N05" Error "no action, statement or function has this name"
    page "`ask` names a built-in action or an `sql` statement of the file; `using` names a statement. `saywhen explain ACTION` shows an action. The one pure function is `size(x)`."
    accepted "start state a { on \"N {w: word}\" { require size(w) < 9 else 501 \"Too long\"  reply 250 \"{w}\"  stay } }"
    refused "start state a { on \"N {w: word}\" { require length(w) < 9 else 501 \"Too long\"  reply 250 \"{w}\"  stay } }"

    UNKNOWN_ROUTINE = "N06" Error "no routine has this name"
    page "`run` names a `routine` of the same file."
    accepted "routine bye { reply 221 \"Bye\"  close }\nstart state a { on \"GO\" { run bye } }"
    refused "routine bye { reply 221 \"Bye\"  close }\nstart state a { on \"GO\" { run by } on \"X\" { run bye } }"

    UNKNOWN_FIELD = "N07" Error "no part has this name"
    page "Records have the fields that the file declares, rows those that the statement gives, parameter sets one per keyword and `unknown`; paths have `local`, `domain` and `address`."
    accepted "start state a { on \"FOR {who: forward_path}\" -> 250 \"{who.local}\" }"
    refused "start state a { on \"FOR {who: forward_path}\" -> 250 \"{who.user}\" }"

    UNKNOWN_COUNTER = "N08" Error "nothing limits this count"
    page "`count NAME` needs a line in `limits`, which says how many hits are too many and what is answered then."
    accepted "limits { line -> 500 \"Long\" idle 5 minutes -> 421 \"Idle\" close session 1 hours -> 421 \"Long\" close shutdown -> 421 \"Bye\" close full -> 421 \"Full\" close broken -> 421 \"Broken\" close errors 3 -> 421 \"Enough\" close }\nstart state a { on \"BAD\" { count errors  reply 500 \"Bad\"  stay } }"
    refused "start state a { on \"BAD\" { count errors  reply 500 \"Bad\"  stay } }"

    UNKNOWN_OFFERS = "N09" Error "no offers have this name"
    page "`each NAME` in an answer names an `offers` of the file."
    accepted "offers what { \"LEAVE\" if accepted }\nstart state a { on \"ABLE\" { reply 250 { \"Here\" each what }  stay } }"
    refused "start state a { on \"ABLE\" { reply 250 { \"Here\" each what }  stay } }"

    UNKNOWN_WORD = "N10" Error "this word means nothing here"
    page "`unexpected` answers `out of order`, `bad arguments`, `unknown command`, `cancelled`, `bad answer`, `jumped queue` and `foreign`; `limits` answers `line`, `idle`, `session`, `shutdown`, `full`, `broken`, `talking early` and counters of your own; `log` has the levels debug, info, warning and error."
    accepted "start state a { on \"X\" { log info \"x\"  reply 250 \"X\"  stay } }"
    refused "start state a { on \"X\" { log loud \"x\"  reply 250 \"X\"  stay } }"

    KNOWN_WORD = "N11" Error "this name means something already"
    page "Guards, promises and the proof that secrets travel under TLS speak of `tls`, `peer`, `local`, `session`, `now`, `settings`, `commands`, and of `request` where the wire has requests. `usage`, `expected`, `verb` and `line` are such words in `unexpected` and `limits`. A fact, a hole, a parameter, a set of offers or a name bound in a body that is called so would be spoken of instead. Give it another name."
    accepted "start state a { on \"CLIP {clip: word}\" { let secured = tls is present  if secured { reply 250 \"{clip}\"  stay }  reply 550 \"No\"  stay } }"
    refused "start state a { on \"CLIP {tls: word}\" { if tls is present { reply 250 \"X\"  stay }  reply 550 \"No\"  stay } }"

    TWOFOLD = "N12" Error "a name in a promise means two things"
    page "A promise sees what the body sees where its event happens, and there a hole, or a name that the body binds, stands before the fact of the same name: the promise would be kept by something that it does not mean. Give one of the two another name."
    accepted "sql drop(what: word) gives nothing as \"DELETE FROM things WHERE name = :what\"\nstart state a { on \"I {n: word}\" -> 250 \"Hello\" goto b with who = n }\nstate b has who { on \"DROP {thing: word}\" { ask drop(thing) within 2 seconds { done { reply 250 \"Dropped\"  stay }  failed(why) { log error \"{why}\"  reply 451 \"Later\"  stay } } } }\npromise \"only guests drop things\" { never ask drop unless who is present }"
    refused "sql drop(what: word) gives nothing as \"DELETE FROM things WHERE name = :what\"\nstart state a { on \"I {n: word}\" -> 250 \"Hello\" goto b with who = n }\nstate b has who? { on \"DROP {who: word}\" { ask drop(who) within 2 seconds { done { reply 250 \"Dropped\"  stay }  failed(why) { log error \"{why}\"  reply 451 \"Later\"  stay } } } }\npromise \"only guests drop things\" { never ask drop unless who is present }"
}

//! Commands: one line, one handler.
//!
//! Never: what a handler does.

use super::stage;

stage! {
    TWO_ANSWERS = "D01" Error "one line, two answers"
    page "Two handlers of one state begin with the same literal text, some line fits both, and both guards can hold. Make the guards disjoint, narrow a type, or write `override` before the one in the narrower place."
    accepted "start state a { on \"X {n: number}\" when tls is present -> 250 \"A\"  on \"X {w: word}\" when tls is absent -> 250 \"B\" }"
    refused "start state a { on \"X {n: number}\" -> 250 \"{n}\"  on \"X {w: word}\" -> 250 \"{w}\" }"

    OVERRIDES_NOTHING = "D02" Error "this overrides nothing"
    page "`override` takes a command over from `during` or `anytime`. No wider group has a command with this literal text."
    accepted "start state a { override on \"LEAVE\" -> 221 \"Bye from a\" close }"
    refused "start state a { override on \"PART\" -> 221 \"Bye from a\" close }"

    NEVER_HOLDS = "D03" Error "this guard can never hold"
    page "Its parts exclude each other, so the command would never run."
    accepted "start state a { on \"X\" when tls is absent -> 250 \"X\" }"
    refused "start state a { on \"X\" when tls is absent and tls is present -> 250 \"X\" }"

    PAYLOAD_COUNT = "D04" Error "the number of octets is not in the line"
    page "`followed by n octets` must be readable from the line alone, in every state: n is a hole of the template."
    accepted "start state a { on \"PUT {n: number}\" followed by n octets as x at most 1 KB else 552 \"Too big\" failed(why) 451 \"Later\" { reply 250 \"{size(x)}\"  stay } }"
    refused "settings { n : number = 5 }\nstart state a { on \"PUT {m: number}\" followed by settings.n octets as x at most 1 KB else 552 \"Too big\" failed(why) 451 \"Later\" { reply 250 \"{m} {size(x)}\"  stay } }"

    FITS_NOTHING = "D05" Error "no line fits this template"
    page "Blanks at the end of a line are taken off before it is matched, so a template that ends in a blank fits nothing."
    accepted "start state a { on \"X\" -> 250 \"X\" }"
    refused "start state a { on \"X \" -> 250 \"X\" }"

    GLUED = "D06" Warning "nothing parts a word from the hole behind it"
    page "`\"GO{where: word}\"` takes `GONORTH` and `GO NORTH` alike, so a misspelt verb passes for a command. Write a blank, a colon or an equals sign between them."
    accepted "start state a { on \"GO {where: word}\" -> 250 \"{where}\" }"
    refused "start state a { on \"GO{where: word}\" -> 250 \"{where}\" }"

    FRAMING = "D07" Error "it is not plain from a line whether octets follow"
    page "`followed by n octets` belongs to the line: in every state, whatever the guards, the octets behind it are read, so that they never become commands. The template with the longest literal beginning decides. Two that begin alike must agree: no line may fit one with octets and one without, and no two payloads may count differently. Narrow the type of a hole, or let the same payload follow both."
    accepted "type short = number 0 to 9\ntype long = number 10 to 1000\nstart state a { on \"PUT {n: short}\" -> 250 \"{n}\"  on \"PUT {n: long}\" followed by n octets as x at most 1 KB else 552 \"Too big\" failed(why) 451 \"Later\" { reply 250 \"{size(x)}\"  stay } }"
    refused "start state a { on \"PUT {n: number}\" -> 250 \"{n}\" goto b }\nstate b { on \"PUT {n: number}\" followed by n octets as x at most 1 KB else 552 \"Too big\" failed(why) 451 \"Later\" { reply 250 \"{size(x)}\"  stay } }"

    TLS_TWICE = "D08" Error "TLS may be up already"
    page "TLS begins once. A command that begins it without having asked is accepted in the clear alone: under TLS it is out of order. Where that cannot be, in an `enter` or behind a guard that asks for TLS, the path asks first: `require tls is absent else …`."
    accepted "start state a { on \"TLS\" { reply 220 \"Go\"  start tls then goto a } }"
    refused "start state a { on \"TLS\" when tls is present { reply 220 \"Go\"  start tls then goto a } }"

    UNKNOWN_VERB = "V01" Error "nobody will ever send this verb"
    page "The wire lists the verbs that clients send, and this is not among them: a slip of the pen, mostly."
    accepted "wire { lines crlf at most 1000 octets  reply \"{code} {text}\"  verbs \"LOOK\" \"LEAVE\" }\nstart state a { on \"LOOK {at: text}\" -> 252 \"{at}\" }"
    refused "wire { lines crlf at most 1000 octets  reply \"{code} {text}\"  verbs \"LOOK\" \"LEAVE\" }\nstart state a { on \"LOKO {at: text}\" -> 252 \"{at}\" }"
}

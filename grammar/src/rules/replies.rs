//! Replies: codes, lines and what they offer.
//!
//! Never: whether a path answers.

use super::stage;

stage! {
    CLASS = "R01" Error "reply code and enhanced code are of different classes"
    page "RFC 3463 §2: the first digit of the enhanced code says what the first digit of the reply code says: 2 done, 4 not now, 5 no. A 3xx code has no enhanced code."
    accepted "start state a { on \"X\" -> 550 5.1.1 \"No\" }"
    refused "start state a { on \"X\" -> 550 2.1.1 \"No\" }"

    CODE = "R02" Error "there is no such reply code or word"
    page "Codes run from 100 to 599. Words are declared: `wire { answers INSERTED, USING  refusal NOT_FOUND }`."
    accepted "start state a { on \"X\" -> 250 \"Yes\" }"
    refused "start state a { on \"X\" -> NOPE \"Yes\" }"

    NO_CONTINUATION = "R03" Error "an answer has several lines, and the wire has no form for that"
    page "Say how a line looks that another follows: `reply \"{code} {text}\" continued \"{code}-{text}\"`."
    accepted "start state a { on \"X\" { reply 250 { \"One\" \"Two\" }  stay } }"
    refused "wire { lines crlf at most 1000 octets  reply \"{code} {text}\" }\nstart state a { on \"X\" { reply 250 { \"One\" \"Two\" }  stay } }"

    NEVER_ACCEPTED = "R04" Error "something is offered that no state accepts"
    page "A line with `if accepted` is offered when the state that the peer then comes to would accept it. No handler begins with this verb."
    accepted "start state a { on \"ABLE\" { reply 250 { \"Here\" \"LEAVE\" if accepted }  stay } }"
    refused "start state a { on \"ABLE\" { reply 250 { \"Here\" \"STAY\" if accepted }  stay } }"

    STATUS = "R05" Error "code and form of an answer do not go together"
    page "When the form of the wire has a {code}, every answer has one; when it has none, no answer has."
    accepted "start state a { on \"X\" -> 250 \"Yes\" }"
    refused "start state a { on \"X\" -> \"Yes\" }"

    OFFER_TARGET = "R06" Error "it is not certain which state would have to accept this"
    page "A line with `if accepted` needs one target: every path behind the answer ends in the same state with the same facts, in this body."
    accepted "start state a { on \"ABLE\" { reply 250 { \"Here\" \"LEAVE\" if accepted }  stay } }"
    refused "start state a { on \"ABLE\" { reply 250 { \"Here\" \"LEAVE\" if accepted }  if tls is present { goto b }  stay } }\nstate b"

    LINE_END = "R07" Error "a line end stands inside a line"
    page "The engine ends lines. Several lines are several strings: `reply 250 { \"first\" \"second\" }`. Nor does a text hold a line end or a NUL that is kept, compared or put into a header: sooner or later it is a part of a line."
    accepted "start state a { on \"X\" { reply 250 { \"One\" \"Two\" }  stay } }"
    refused "start state a { on \"X\" -> 250 \"One\\r\\nTwo\" }"

    MAY_BE_EMPTY = "R08" Error "this answer may have no line at all"
    page "Each line has a condition. Give the answer one line that is always there."
    accepted "start state a { on \"X\" { reply 250 { \"One\" \"Two\" if tls is present }  stay } }"
    refused "start state a { on \"X\" { reply 250 { \"One\" if tls is absent  \"Two\" if tls is present }  stay } }"

    NO_LISTING = "R09" Error "the wire does not say how a listing ends"
    page "`wire { listing dotted }`: a listing ends with a line that holds a dot alone, and a dot at the start of one of its lines is doubled (RFC 1939 §3). `listing plain`: its lines stand as they are, and the end of the connection or what stands before them tells where it ends. A question to the client carries neither a listing nor octets."
    accepted "wire { lines crlf at most 1000 octets  reply \"{code} {text}\"  listing dotted }\nstart state a { on \"X\" { reply 250 \"Two\" listing { \"One\" \"Two\" }  stay } }"
    refused "start state a { on \"X\" { reply 250 \"Two\" listing { \"One\" \"Two\" }  stay } }"
}

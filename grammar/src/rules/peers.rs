//! What real peers stumble over.
//!
//! Never: more than a note; the protocol is right.

use super::stage;

stage! {
    GREETING_OF_LINES = "B01" Note "a peer is known that does not read a greeting of several lines"
    page "The protocol is right, and this peer does otherwise: say it in one line where it has to be served. docs/peers.md lists the peers, with their versions."
    accepted "protocol smtp version 1\nstart state a { enter { reply 220 \"ready\"  stay }  on \"X\" -> 250 \"OK\" }"
    refused "protocol smtp version 1\nstart state a { enter { reply 220 { \"ready\" \"and willing\" }  stay }  on \"X\" -> 250 \"OK\" }"

    BARE_ANSWER = "B02" Note "a peer is known that does not read an answer without a text"
    page "A line that is a code and nothing else is right, and this peer refuses it: put a word behind the code. docs/peers.md lists the peers, with their versions."
    accepted "protocol smtp version 1\nstart state a { on \"X\" -> 250 \"OK\" }"
    refused "protocol smtp version 1\nstart state a { on \"X\" -> 250 \"\" }"

    DIFFERING_CODES = "B03" Note "peers are known that take an answer with differing codes in different ways"
    page "Lines before the final answer have another code than the answer: some peers go by the first, others by the last. Give all lines of an answer one code. docs/peers.md lists the peers, with their versions."
    accepted "protocol smtp version 1\nwire { lines crlf at most 1000 octets  reply \"{code} {text}\" continued \"{code}-{text}\"  say \"{code}-{text}\" }\nunexpected { out of order -> 503 \"a\"  bad arguments -> 501 \"b\"  unknown command -> 500 \"c\" }\nlimits { line -> 500 \"d\"  idle 5 minutes -> 421 \"e\" close  session 1 hours -> 421 \"f\" close  shutdown -> 421 \"g\" close  full -> 421 \"h\" close  broken -> 421 \"i\" close }\nanytime { on \"LEAVE\" -> 221 \"bye\" close }\nstart state a { on \"X\" { say 250 \"one\"  reply 250 \"two\"  stay } }"
    refused "protocol smtp version 1\nwire { lines crlf at most 1000 octets  reply \"{code} {text}\" continued \"{code}-{text}\"  say \"{code}-{text}\" }\nunexpected { out of order -> 503 \"a\"  bad arguments -> 501 \"b\"  unknown command -> 500 \"c\" }\nlimits { line -> 500 \"d\"  idle 5 minutes -> 421 \"e\" close  session 1 hours -> 421 \"f\" close  shutdown -> 421 \"g\" close  full -> 421 \"h\" close  broken -> 421 \"i\" close }\nanytime { on \"LEAVE\" -> 221 \"bye\" close }\nstart state a { on \"X\" { say 250 \"one\"  reply 251 \"two\"  stay } }"

    ANSWER_OF_LINES = "B04" Note "a peer is known that does not read an answer of so many lines"
    page "The protocol is right, and this peer gives up: say less at once. docs/peers.md lists the peers, with their versions."
    accepted "protocol smtp version 1\nstart state a { on \"X\" { reply 250 { \"one\" \"two\" }  stay } }"
    refused "protocol smtp version 1\nstart state a { on \"X\" { reply 250 { \"1\" \"2\" \"3\" \"4\" \"5\" \"6\" \"7\" \"8\" \"9\" \"10\" \"11\" \"12\" \"13\" \"14\" \"15\" \"16\" \"17\" \"18\" \"19\" \"20\" \"21\" \"22\" \"23\" \"24\" \"25\" \"26\" \"27\" \"28\" \"29\" \"30\" \"31\" \"32\" \"33\" \"34\" \"35\" \"36\" \"37\" \"38\" \"39\" \"40\" \"41\" \"42\" \"43\" \"44\" \"45\" \"46\" \"47\" \"48\" \"49\" \"50\" }  stay } }"

    DIGITS_ALONE = "B05" Note "a peer is known that takes a number for something else"
    page "What stands behind the = is digits and nothing else: this peer takes it for another thing than a refusal. Put a text behind the number. docs/peers.md lists the peers, with their versions."
    accepted "protocol policy version 1\nwire { lines lf at most 1000 octets  reply \"action={text}\" }\nunexpected { out of order -> \"DEFER now\"  bad arguments -> \"DEFER how\"  unknown command -> \"DEFER what\" }\nlimits { line -> \"DEFER\"  idle 5 minutes -> \"DEFER\" close  session 1 hours -> \"DEFER\" close  shutdown -> \"DEFER\" close  full -> \"DEFER\" close  broken -> \"DEFER\" close }\nstart state a { on \"X\" -> \"550 not here\"  on \"LEAVE\" -> \"OK\" close }"
    refused "protocol policy version 1\nwire { lines lf at most 1000 octets  reply \"action={text}\" }\nunexpected { out of order -> \"DEFER now\"  bad arguments -> \"DEFER how\"  unknown command -> \"DEFER what\" }\nlimits { line -> \"DEFER\"  idle 5 minutes -> \"DEFER\" close  session 1 hours -> \"DEFER\" close  shutdown -> \"DEFER\" close  full -> \"DEFER\" close  broken -> \"DEFER\" close }\nstart state a { on \"X\" -> \"550\"  on \"LEAVE\" -> \"OK\" close }"

    BLANK_BEHIND_SIGN = "B06" Note "a peer is known that reads a blank behind the = as a part of the value"
    page "Write what stands behind the = without a blank before it. docs/peers.md lists the peers, with their versions."
    accepted "protocol policy version 1\nwire { lines lf at most 1000 octets  reply \"action={text}\" }\nunexpected { out of order -> \"DEFER now\"  bad arguments -> \"DEFER how\"  unknown command -> \"DEFER what\" }\nlimits { line -> \"DEFER\"  idle 5 minutes -> \"DEFER\" close  session 1 hours -> \"DEFER\" close  shutdown -> \"DEFER\" close  full -> \"DEFER\" close  broken -> \"DEFER\" close }\nstart state a { on \"X\" -> \"DUNNO\"  on \"LEAVE\" -> \"OK\" close }"
    refused "protocol policy version 1\nwire { lines lf at most 1000 octets  reply \"action= {text}\" }\nunexpected { out of order -> \"DEFER now\"  bad arguments -> \"DEFER how\"  unknown command -> \"DEFER what\" }\nlimits { line -> \"DEFER\"  idle 5 minutes -> \"DEFER\" close  session 1 hours -> \"DEFER\" close  shutdown -> \"DEFER\" close  full -> \"DEFER\" close  broken -> \"DEFER\" close }\nstart state a { on \"X\" -> \"DUNNO\"  on \"LEAVE\" -> \"OK\" close }"

    LACKS = "B07" Note "a peer is known that needs a command which no state knows"
    page "The protocol need not have the command, and this peer makes do without it badly. docs/peers.md lists the peers, with their versions."
    accepted "protocol pop3 version 1\nstart state a { on \"UIDL\" -> 250 \"none\" }"
    refused "protocol pop3 version 1\nstart state a { on \"X\" -> 250 \"none\" }"

    CLOSES = "B08" Note "a peer is known that waits before it asks again when the session has ended"
    page "The session ends behind the answer: this peer waits each time before it connects again, and says so nowhere. Leave the session open. docs/peers.md lists the peers, with their versions."
    accepted "protocol policy version 1\nstart state a { on \"X\" -> 250 \"DUNNO\" }"
    refused "protocol policy version 1\nstart state a { on \"X\" -> 250 \"DUNNO\" close }"
}

//! The wire, and the answers that every protocol needs.
//!
//! Never: the answers of commands.

use super::stage;

stage! {
    MISSING = "W01" Error "the wire is not described"
    page "`wire { lines crlf at most 1000 octets  reply \"{code} {text}\" continued \"{code}-{text}\" }` says how lines end, how long they may be, and how answers look."
    accepted "start state a { on \"X\" -> 250 \"X\" }"
    refused "wire { reply \"{code} {text}\" continued \"{code}-{text}\" }\nstart state a { on \"X\" -> 250 \"X\" }"

    TWICE = "W02" Error "this is said twice"
    page "Each line of `wire`, `unexpected` and `limits` stands once."
    accepted "start state a { on \"X\" -> 250 \"X\" }"
    refused "wire { lines crlf at most 1000 octets  lines lf at most 1000 octets  reply \"{code} {text}\" }\nstart state a { on \"X\" -> 250 \"X\" }"

    FORM = "W03" Error "this is no form of an answer"
    page "A form holds {text} once and may hold {code} (or {status}, its other name for words, or {word}, where an answer may have no code)."
    accepted "start state a { on \"X\" -> 250 \"X\" }"
    refused "wire { lines crlf at most 1000 octets  reply \"{code} {txt}\" }\nstart state a { on \"X\" -> 250 \"X\" }"

    LINE_BOUND = "W04" Error "this is no bound for lines"
    page "A command line is bounded at 16 octets to 1 MB, its end included. A hole or a prompt with its own `at most` raises the bound where it stands. `reply \"{code} {text}\" at most 512 octets` bounds the lines of answers at 64 octets to 1 MB: a longer one loses the end of its text, so each form ends with {text}."
    accepted "start state a { on \"X\" -> 250 \"X\" }"
    refused "wire { lines crlf at most 4 octets  reply \"{code} {text}\" }\nstart state a { on \"X\" -> 250 \"X\" }"

    ANSWER_MISSING = "W05" Error "something that can happen has no answer"
    page "Every line in every state has a defined answer: `unexpected` answers `out of order`, `bad arguments` and `unknown command`, and with prompts `bad answer` (and `cancelled`, where the wire has a `cancel`), with `alone` `jumped queue`. `foreign` may be there. `limits` answers `line`, `idle`, `session`, `shutdown`, `full` and `broken`."
    accepted "start state a { on \"X\" -> 250 \"X\" }"
    refused "unexpected { out of order -> 503 \"No\" }\nstart state a { on \"X\" -> 250 \"X\" }"

    LIMIT_AMOUNT = "W06" Error "a limit has no number, or one that it cannot use"
    page "`idle`, `session` and `talking early within` need a time, a counter a number; the others have none."
    accepted "start state a { on \"X\" -> 250 \"X\" }"
    refused "limits { line -> 500 \"Long\" idle -> 421 \"Idle\" close session 1 hours -> 421 \"Long\" close shutdown -> 421 \"Bye\" close full -> 421 \"Full\" close broken -> 421 \"Broken\" close }\nstart state a { on \"X\" -> 250 \"X\" }"

    REQUESTS = "W07" Error "a line where the wire has requests, or a request where it has lines"
    page "With `request attributes` in the wire the peer sends no command lines but blocks of attributes, and every command is `on request`, told from the others by its guard. Without it every command has a template."
    accepted "protocol sample version 1\nwire { lines lf at most 1000 octets  reply \"action={text}\" then blank line  request attributes \"=\" at most 20 lines and 4 KB { name: word  colour: word = \"red\" } }\nstart state a { on request when request.name is present -> \"{request.name} {request.colour}\"  on request when request.name is absent -> \"BYE\" close }\nunexpected { out of order -> \"NO\"  bad arguments -> \"HOW\" }\nlimits { line -> \"LONG\"  idle 5 minutes -> silent close  session 1 hours -> silent close  shutdown -> silent close  full -> silent close  broken -> silent close }\n"
    refused "start state a { on request -> 250 \"X\" }"

    SEPARATOR = "W08" Error "this parts no name from its value"
    page "What stands behind `request attributes` parts the name of an attribute from its value: `\"=\"`, or `\": \"`, where blanks around the value carry no meaning. It is not empty, not all blanks, and has no control characters."
    accepted "protocol sample version 1\nwire { lines lf at most 1000 octets  reply \"action={text}\" then blank line  request attributes \": \" at most 20 lines and 4 KB { name: word  colour: word = \"red\" } }\nstart state a { on request when request.name is present -> \"{request.name} {request.colour}\"  on request when request.name is absent -> \"BYE\" close }\nunexpected { out of order -> \"NO\"  bad arguments -> \"HOW\" }\nlimits { line -> \"LONG\"  idle 5 minutes -> silent close  session 1 hours -> silent close  shutdown -> silent close  full -> silent close  broken -> silent close }\n"
    refused "protocol sample version 1\nwire { lines lf at most 1000 octets  reply \"action={text}\" then blank line  request attributes \" \" at most 20 lines and 4 KB { name: word  colour: word = \"red\" } }\nstart state a { on request when request.name is present -> \"{request.name} {request.colour}\"  on request when request.name is absent -> \"BYE\" close }\nunexpected { out of order -> \"NO\"  bad arguments -> \"HOW\" }\nlimits { line -> \"LONG\"  idle 5 minutes -> silent close  session 1 hours -> silent close  shutdown -> silent close  full -> silent close  broken -> silent close }\n"
    COMMAND = "W09" Error "this is not how a command begins"
    page "`wire { command \"{tag: TYPE} {command}\" else \"*\" }` says that a word stands before every command; `{tag}` in the forms of answers is that word, or what stands behind `else` where there is none."
    accepted "type label = 1*8(ALPHA / DIGIT)\nwire { lines crlf at most 1000 octets  command \"{tag: label} {command}\" else \"*\"  reply \"{tag} {code} {text}\" }\nstart state a { on \"X\" -> 250 \"X\" }"
    refused "type label = 1*8(ALPHA / DIGIT)\nwire { lines crlf at most 1000 octets  command \"{command} {tag: label}\" else \"*\"  reply \"{code} {text}\" }\nstart state a { on \"X\" -> 250 \"X\" }"

    NO_LITERALS = "W10" Error "the wire has no literals"
    page "What is `followed by literal`, and a hole of type `literal`, needs `wire { literals at most 4 KB asked \"+ go on\" }`: counted octets behind which the line goes on. What is asked of a peer that announces octets and waits stands behind `asked`; without it only octets that come unasked are literals."
    accepted "wire { lines crlf at most 1000 octets  literals at most 4 KB  reply \"{code} {text}\" }\nstart state a { on \"PUT\" followed by literal as x at most 1 KB else 552 \"Too big\" failed(why) 451 \"Later\" { reply 250 \"{size(x)}\"  stay } }"
    refused "start state a { on \"PUT\" followed by literal as x at most 1 KB else 552 \"Too big\" failed(why) 451 \"Later\" { reply 250 \"{size(x)}\"  stay } }"

    TOO_SHORT = "W11" Error "a limit in time is over as soon as it begins"
    page "`idle` and `session` are a second or more. An `idle` that stays would be answered again and again without a pause; a shorter `session` would end each session at once. A configuration that gives less is refused when a listener is bound."
    accepted "limits { line -> 500 \"Long\" idle 1 second -> 421 \"Idle\" close session 1 hours -> 421 \"Long\" close shutdown -> 421 \"Bye\" close full -> 421 \"Full\" close broken -> 421 \"Broken\" close }\nstart state a { on \"X\" -> 250 \"X\" }"
    refused "limits { line -> 500 \"Long\" idle 0 seconds { say 421 \"Idle\"  silent  stay } session 1 hours -> 421 \"Long\" close shutdown -> 421 \"Bye\" close full -> 421 \"Full\" close broken -> 421 \"Broken\" close }\nstart state a { on \"X\" -> 250 \"X\" }"

    FOREIGN = "W12" Error "these are no words of other protocols"
    page "`unexpected { foreign \"WORD\" \"WORD\" -> ANSWER close }` ends a session whose peer speaks another protocol: a line that no verb of this one claims, and that begins with one of the words. They are words of visible ASCII, 64 octets at the most, and no verbs of the protocol itself; no other line of `unexpected` has any."
    accepted "unexpected { out of order -> 503 \"No\" bad arguments -> 501 \"How\" unknown command -> 500 \"What\" foreign \"Y\" \"Z\" -> 421 \"Bye\" close }\nsettings { foreign : word = \"a\" }\nstart state a { on \"X {flight: word}\" { let per = flight  reply 250 \"{settings.foreign} {per}\"  stay } }"
    refused "unexpected { out of order -> 503 \"No\" bad arguments -> 501 \"How\" unknown command -> 500 \"What\" foreign \"Y\" \"X\" -> 421 \"Bye\" close }\nstart state a { on \"X\" -> 250 \"X\" }"

    FOREIGN_STAYS = "W13" Error "a session goes on behind a line of another protocol"
    page "What comes behind a `foreign` line was not meant for this protocol, and must not be carried out: its answer ends with `close` on every path."
    accepted "unexpected { out of order -> 503 \"No\" bad arguments -> 501 \"How\" unknown command -> 500 \"What\" foreign \"Y\" -> 421 \"Bye\" close }\nstart state a { on \"X\" -> 250 \"X\" }"
    refused "unexpected { out of order -> 503 \"No\" bad arguments -> 501 \"How\" unknown command -> 500 \"What\" foreign \"Y\" -> 421 \"Bye\" }\nstart state a { on \"X\" -> 250 \"X\" }"
}

//! Types: what fits where, and what may be absent.
//!
//! Never: names that are not found.

use super::stage;

stage! {
    MISMATCH = "T01" Error "this is of another type than its place asks for"
    page "Numbers and sizes go together, texts of all kinds may stand where `text` is wanted, everything else must agree. Nothing is converted in silence."
    accepted "start state a { on \"N {n: number}\" { require n < 5 else 501 \"Too much\"  reply 250 \"{n}\"  stay } }"
    refused "start state a { on \"N {n: number}\" { require n < 5 minutes else 501 \"Too much\"  reply 250 \"{n}\"  stay } }"

    MISFIT = "T02" Error "this text is not of its type"
    page "A constant must be a value of the type that its place asks for: a `domain` must be a domain name, an `ip` an address, a choice one of the words that the action knows."
    accepted "settings { host : domain = \"mail.example.com\" }\nstart state a { on \"H\" -> 250 \"{settings.host}\" }"
    refused "settings { host : domain = \"mail example\" }\nstart state a { on \"H\" -> 250 \"{settings.host}\" }"

    NOT_COMPARABLE = "T03" Error "these cannot be compared like this"
    page "Numbers, sizes, times and durations have an order. Texts and addresses are equal or not. Lists, records and payloads are asked for their `size(…)` or with `is empty`."
    accepted "start state a { on \"A {x: word} {y: word}\" { require x == y else 501 \"No\"  reply 250 \"Same\"  stay } }"
    refused "start state a { on \"A {x: word} {y: word}\" { require x < y else 501 \"No\"  reply 250 \"Same\"  stay } }"

    NOT_YET = "T04" Error "this fact may not exist yet"
    page "A fact is known in the states that have it. A command in a group runs in all states of the group, so it may use only what all of them have. Move the command into `during` with the states that know the fact, or ask first: `require x is present else …`, where the states have `x?`."
    accepted "start state a { on \"I {n: word}\" -> 250 \"Hello\" goto b with who = n }\nstate b has who { on \"WHO\" -> 250 \"{who}\" }"
    refused "start state a { on \"I {n: word}\" -> 250 \"Hello\" goto b with who = n }\nstate b has who\nanytime { on \"WHO\" -> 250 \"{who}\" }"

    MAY_BE_ABSENT = "T05" Error "this value may be absent"
    page "A hole in an optional part, an optional fact, the domain of a path and the value of a parameter may be absent. On the way to where it is used it must be asked: `require x is present else …`, `if x is present { … }`, `when x is present`, or `x is present and …`."
    accepted "start state a { on \"X[ {n: word}]\" { require n is present else 501 \"What?\"  reply 250 \"{n}\"  stay } }"
    refused "start state a { on \"X[ {n: word}]\" { reply 250 \"{n}\"  stay } }"

    NO_BOUND = "T06" Error "nothing says how large this may become"
    page "What a peer can fill must end somewhere: lists and payloads in records carry `at most N`, and so do rows of a statement."
    accepted "record r { n : number  list : list of word at most 10 }\nstart state a { on \"X\" -> 250 \"X\" goto b with m = r { n: 1 } }\nstate b has m { on \"Y\" -> 250 \"{size(m.list)}\" }"
    refused "record r { n : number  list : list of word }\nstart state a { on \"X\" -> 250 \"X\" goto b with m = r { n: 1 } }\nstate b has m { on \"Y\" -> 250 \"{size(m.list)}\" }"

    NO_DEFAULT_HERE = "T07" Error "only settings have defaults"
    page "A field of a record gets its value when the record is made, a parameter of a statement when it is asked."
    accepted "record r { n : number }\nstart state a { on \"X\" -> 250 \"X\" goto b with m = r { n: 1 } }\nstate b has m { on \"Y\" -> 250 \"{m.n}\" }"
    refused "record r { n : number = 1 }\nstart state a { on \"X\" -> 250 \"X\" goto b with m = r { n: 1 } }\nstate b has m { on \"Y\" -> 250 \"{m.n}\" }"

    FIELD_MISSING = "T08" Error "a new record lacks a field"
    page "Lists and payloads of a new record begin empty and optional fields absent; every other field must be given."
    accepted "record r { n : number }\nstart state a { on \"X\" -> 250 \"X\" goto b with m = r { n: 1 } }\nstate b has m { on \"Y\" -> 250 \"{m.n}\" }"
    refused "record r { n : number  w : word }\nstart state a { on \"X\" -> 250 \"X\" goto b with m = r { n: 1 } }\nstate b has m { on \"Y\" -> 250 \"{m.n}\" }"

    NOT_PRINTABLE = "T09" Error "this has no text"
    page "Records and payloads cannot be put into a text. Name one of their parts, or their `size(…)`."
    accepted "record r { n : number }\nstart state a { on \"X\" -> 250 \"X\" goto b with m = r { n: 1 } }\nstate b has m { on \"Y\" -> 250 \"{m.n}\" }"
    refused "record r { n : number }\nstart state a { on \"X\" -> 250 \"X\" goto b with m = r { n: 1 } }\nstate b has m { on \"Y\" -> 250 \"{m}\" }"

    NOT_LEXICAL = "T10" Error "this type cannot stand in a line"
    page "A hole, a prompt and the value of a parameter need a type with a lexical form: `text`, `word`, `number`, `size`, `domain`, `helo_name`, `ip`, `network`, `reverse_path`, `forward_path`, `base64`, `yes_no`, or one declared with `type`."
    accepted "start state a { on \"X {n: word}\" -> 250 \"{n}\" }"
    refused "start state a { on \"X {n: duration}\" -> 250 \"{n}\" }"

    NOT_REGULAR = "T11" Error "this type or template cannot become an automaton"
    page "A lexical type must be regular: no rule may be made of itself, and its automaton must stay small. A template is read in one pass: where a hole ends must be plain from the next character. Put a literal between two holes, or give the first a narrower type."
    accepted "type pair = 1*ALPHA \"=\" 1*DIGIT\nstart state a { on \"X {p: pair}\" -> 250 \"{p}\" }"
    refused "type nest = \"(\" [nest] \")\"\nstart state a { on \"X {p: nest}\" -> 250 \"{p}\" }"

    BAD_RANGE = "T12" Error "this is no range"
    page "`type NAME = number LEAST to MOST`, with LEAST not above MOST."
    accepted "type port = number 1 to 65535\nstart state a { on \"X {p: port}\" -> 250 \"{p}\" }"
    refused "type port = number 10 to 1\nstart state a { on \"X {p: port}\" -> 250 \"{p}\" }"

    NO_PLACE = "T13" Error "this cannot be changed"
    page "`add`, `receive … into` and `prepend … to` change a fact, a local, or a field of a record that is one."
    accepted "record r { n : number  list : list of word at most 10 }\nstart state a { on \"X\" -> 250 \"X\" goto b with m = r { n: 1 } }\nstate b has m { on \"ADD {w: word}\" { add w to m.list else 552 \"Full\"  reply 250 \"{size(m.list)}\"  stay } }"
    refused "settings { l : list of word = [] }\nstart state a { on \"ADD {w: word}\" { add w to settings.l  reply 250 \"{size(settings.l)}\"  stay } }"

    OUT_OF_RANGE = "T16" Error "this number may lie outside of the range of its place"
    page "A type `number LEAST to MOST` holds wherever it stands: in fields, parameters, settings, columns. Sums and plain numbers lie anywhere, so the path asks first: `require n >= LEAST and n <= MOST else …`."
    accepted "type few = number 0 to 5\nrecord r { n : few }\nstart state a { on \"X {n: number}\" { require n <= 5 and n >= 0 else 501 \"Few\"  reply 250 \"X\"  goto b with m = r { n: n } } }\nstate b has m { on \"Y\" -> 250 \"{m.n}\" }"
    refused "type few = number 0 to 5\nrecord r { n : few }\nstart state a { on \"X {n: number}\" { reply 250 \"X\"  goto b with m = r { n: n } } }\nstate b has m { on \"Y\" -> 250 \"{m.n}\" }"

    LATER_SETTING = "T17" Error "a default names a setting that has no value yet"
    page "Settings are bound from the top of the file to its end. A default may name those above it, and nothing else: not itself, and none below."
    accepted "settings { a : size = 1 MB  b : size = settings.a }\nstart state s { on \"X\" -> 250 \"{settings.b}\" }"
    refused "settings { b : size = settings.a  a : size = 1 MB }\nstart state s { on \"X\" -> 250 \"{settings.b}\" }"

    NO_COLUMN = "T18" Error "this is no value of a database"
    page "Parameters and columns of a statement are single values: texts, numbers, times, addresses, yes or no. A payload, a list and a record are not; name a part of one, or its `size(…)`."
    accepted "sql put(data: text) gives nothing as \"INSERT INTO items (data) VALUES (:data)\"\nstart state a { on \"PUT {x: word}\" { ask put(x) within 2 seconds { done(n) -> 250 \"{n}\"  failed(why) -> 451 \"{why}\" } } }"
    refused "sql put(data: octets) gives nothing as \"INSERT INTO items (data) VALUES (:data)\"\nstart state a { on \"PUT {n: size}\" followed by n octets as x at most 1 KB else 552 \"Too big\" failed(why) 451 \"Later\" { ask put(x) within 2 seconds { done(n) -> 250 \"{n}\"  failed(why) -> 451 \"{why}\" } } }"

    TOO_LARGE = "T20" Error "this may be larger than the record holds"
    page "A field of a record bounds its list, its text or its payload with `at most N`. What a record is made with, and what is received into it, is known to be no larger: by the bound of a hole, of a `prompt`, of another field, or since its size was asked for."
    accepted "record r { body : octets at most 1 KB }\nstart state a { on \"PUT {n: size}\" followed by n octets as b at most 1 KB else 552 \"Big\" failed(why) 451 \"Later\" { reply 250 \"Kept\"  goto c with m = r { body: b } } }\nstate c has m { on \"Y\" -> 250 \"{size(m.body)}\" }"
    refused "record r { body : octets at most 1 KB }\nstart state a { on \"PUT {n: size}\" followed by n octets as b at most 1 MB else 552 \"Big\" failed(why) 451 \"Later\" { reply 250 \"Kept\"  goto c with m = r { body: b } } }\nstate c has m { on \"Y\" -> 250 \"{size(m.body)}\" }"

    UNHELD = "T21" Warning "nothing holds this bound"
    page "`at most N` bounds a hole, an attribute of a request, the answer to a `prompt`, and the texts, lists and payloads of a record. Settings, parameters and columns are as large as what they are given: bound that where it comes in, or ask for its size."
    accepted "settings { name : word = \"x\" }\nstart state a { on \"X {w: word at most 4}\" -> 250 \"{settings.name} {w}\" }"
    refused "settings { name : word at most 4 = \"x\" }\nstart state a { on \"X\" -> 250 \"{settings.name}\" }"
}

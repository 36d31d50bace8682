# A host who asks each guest for a name. Change what you like: `saywhen check` says what is wrong with it.

protocol hello "greets each guest by name" version 1 edition 1

# What a listener in config.yaml may set.
settings { greeting: text = "hello" }

# How lines end, how long they may be, and what an answer looks like.
wire { lines crlf at most 200 octets  reply "{code} {text}"  refusal 4xx 5xx }

# A conversation is in one state at a time. This is where it begins.
start state door "nobody has said a name" {
    enter { reply 220 "who is there?"  stay }
    on "I AM {name: word}" -> 250 "{settings.greeting}, {name}" goto hall with guest = name
}

# Who comes here must supply the guest, so it is known in every line of this state.
state hall has guest "a guest is inside" {
    on "SAY {what: text}" -> 250 "{guest} says: {what}"
    on "LEAVE"            { goto door }  # whose `enter` answers
}

anytime {
    on "QUIT" -> 221 "good night" close
}

# Every line has an answer, also those that nobody thought of.
unexpected {
    out of order    -> 503 "not now; try {expected}"
    bad arguments   -> 501 "usage: {usage}"
    unknown command -> 500 "what is {verb}?"
}

limits {
    line              -> 500 "too long"
    idle    5 minutes -> 421 "asleep?" close
    session 1 hour    -> 421 "enough" close
    shutdown          -> 421 "closing" close
    full              -> 421 "full" close
    broken            -> 421 "our fault" close
}

promise "nobody says a word without a name" {
    never on "SAY" unless guest is present
}

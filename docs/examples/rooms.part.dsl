# What the protocols of this folder share.

wire { lines crlf at most 200 octets  reply "{code} {text}" continued "{code}-{text}"  refusal 4xx 5xx }

unexpected {
    out of order    -> 503 "not now"
    bad arguments   -> 501 "usage: {usage}"
    unknown command -> 500 "what?"
}

limits {
    line              -> 500 "too long"
    idle    5 minutes -> 421 "asleep?" close
    session 1 hour    -> 421 "enough" close
    shutdown          -> 421 "closing" close
    full              -> 421 "full" close
    broken            -> 421 "our fault" close
}

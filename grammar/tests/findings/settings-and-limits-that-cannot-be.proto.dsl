protocol sample version 1
wire { lines crlf at most 200 octets  reply "{code} {text}" }
settings {
    early : size     = settings.late
#~ error[T17] 33..37: the setting `late` has no value yet
#~ help: a default names settings that stand above it
    late  : size     = 1 MB
    own   : size     = settings.own
#~ error[T17] 33..36: the setting `own` has no value yet
#~ help: a default names settings that stand above it
    quiet : duration = 0 seconds
}
sql put(data: octets, all: list of text) gives { back: octets } as "INSERT INTO t (a, b) VALUES (:data, :all)"
#~ error[T18] 15..21: `octets` is no type for a value of a database
#~ help: ask with a text, a number, a time, an address …, one parameter for each value
#~ error[T18] 28..40: `list of text` is no type for a value of a database
#~ help: ask with a text, a number, a time, an address …, one parameter for each value
#~ error[T18] 56..62: `octets` is no type for a value of a database
#~ help: ask with a text, a number, a time, an address …, one parameter for each value
#~ warning[U01] 5..8: the statement `put` is never used
#~ help: use it, or take it away
start state a {
    on "X" -> 250 "{settings.early} {settings.own}"
    on "LEAVE" -> 221 "bye" close
}
unexpected { out of order -> 503 "no"  bad arguments -> 501 "no"  unknown command -> 500 "no" }
limits {
    line -> 500 "long"  idle settings.quiet { say 421 "idle"  silent  stay }  session 500 ms -> 421 "long" close
#~ error[W11] 30..44: `idle` is over as soon as it begins
#~ help: write a second or more
#~ error[W11] 87..93: `session` is over as soon as it begins
#~ help: write a second or more
    talking early within 0 seconds -> 554 "early" close
#~ error[W11] 26..35: `talking early` is over as soon as it begins
#~ help: write a second or more
    shutdown -> 421 "bye" close  full -> 421 "full" close  broken -> 421 "broken" close
}

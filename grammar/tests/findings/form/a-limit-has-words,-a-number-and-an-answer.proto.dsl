protocol sample version 1
limits {
    idle 5 minutes 421 "Idle" close
#~ error[S01] 20..23: `421` does not belong here
#~ label: expected `->` or `{`
    session -> close
#~ error[S01] 16..21: `close` does not belong here
#~ label: expected an answer or `silent`
    logins 3 -> 421 "Too many" close
    within 5 seconds -> 421 "x" close
#~ error[S11] 5..11: `within` is a word of the language and cannot be a name
#~ help: choose another name
}
unexpected {
    out of order 3 -> 503 "x"
#~ error[S01] 18..19: `3` does not belong here
#~ label: expected a name, a text in quotes or `->`
    unknown command -> 500 "x"
}

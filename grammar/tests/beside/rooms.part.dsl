# What every file of the tests needs.
wire { lines crlf at most 1000 octets  reply "{code} {text}" continued "{code}-{text}" }

unexpected {
    out of order -> 503 "Not now"  bad arguments -> 501 "Usage: {usage}"  unknown command -> 500 "What?"
}

limits {
    line -> 500 "Too long"  idle 5 minutes -> 421 "Idle" close  session 1 hour -> 421 "Long" close
    shutdown -> 421 "Bye" close  full -> 421 "Full" close  broken -> 421 "Broken" close
}

# An answer of `unexpected` or `limits` that came to itself again would never end.
protocol sample version 1
wire { lines crlf at most 1000 octets  reply "{code} {text}" }
start state open {
    on "GO"   { count one  count two  count four  count five  reply 250 "gone"  stay }
    on "ASK"  { let more = prompt 334 "more?" for word  reply 250 "{more}"  stay }
    on "QUIT" -> 221 "bye" close
}
routine slower { count four  reply 421 "four" close }
#~ error[F07] 18..28: the answer of `four` may lead back to itself
#~ help: an answer of  unexpected  or  limits  must come to its end: take this out of it
unexpected {
    out of order -> 503 "not now"  bad arguments -> 501 "how?"  unknown command -> 500 "what?"
    bad answer { let again = prompt 334 "again?" for word  reply 250 "{again}"  stay }
#~ error[F07] 30..58: the answer of `bad answer` may lead back to itself
#~ help: an answer of  unexpected  or  limits  must come to its end: take this out of it
}
limits {
    line -> 500 "too long"  session 1 hour -> 421 "enough" close
    idle 5 minutes { let there = prompt 334 "are you there?" for word  reply 250 "{there}"  stay }
#~ error[F07] 34..70: the answer of `idle` may lead back to itself, by way of `bad answer`
#~ help: an answer of  unexpected  or  limits  must come to its end: take this out of it
    shutdown -> 421 "closing" close  full -> 421 "full" close  broken -> 421 "our fault" close
    one 2   { count one  reply 421 "one"  close }
#~ error[F07] 15..24: the answer of `one` may lead back to itself
#~ help: an answer of  unexpected  or  limits  must come to its end: take this out of it
    two 2   { count three  reply 421 "two"  close }
#~ error[F07] 15..26: the answer of `two` may lead back to itself, by way of `three`
#~ help: an answer of  unexpected  or  limits  must come to its end: take this out of it
    three 2 { count two  reply 421 "three"  close }
#~ error[F07] 15..24: the answer of `three` may lead back to itself, by way of `two`
#~ help: an answer of  unexpected  or  limits  must come to its end: take this out of it
    four 2  { run slower }
    five 2  { count six  reply 421 "five"  close }
    six 2   -> 421 "six" close
}

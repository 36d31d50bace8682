protocol sample version 1
wire { lines crlf at most 200 octets  reply "{code} {text}" }
settings { who : word = "ann"  here : ip = "192.0.2.1" }
start state a {
    on "X" when settings.who == "a" -> 250 "a"
    on "X" when settings.who == "A" -> 250 "A"
#~ error[D01] 8..11: in state `a` one line has two answers
#~ label: and this
#~ also under `"X"`: it fits this
#~ help: the shortest such line is `X`
#~ help: make the guards disjoint, or write `override` before the one in the narrower place
    on "Y" when settings.who == "a" -> 250 "a"
    on "Y" when settings.who == "b" -> 250 "b"
    on "Z" when settings.here == "192.0.2.1" -> 250 "4"
    on "Z" when settings.here == "::ffff:192.0.2.1" -> 250 "6"
#~ error[D01] 8..11: in state `a` one line has two answers
#~ label: and this
#~ also under `"Z"`: it fits this
#~ help: the shortest such line is `Z`
#~ help: make the guards disjoint, or write `override` before the one in the narrower place
    on "V" when "a" in settings.who -> 250 "in it"
    on "V" when not ("A" in settings.who) -> 250 "not in it"
    on "W" when settings.who in ["a", "b"] -> 250 "one of them"
    on "W" when not (settings.who in ["A", "B"]) -> 250 "none of them"
    on "LEAVE" -> 221 "bye" close
}
unexpected { out of order -> 503 "no"  bad arguments -> 501 "no"  unknown command -> 500 "no" }
limits {
    line -> 500 "long"  idle 5 minutes -> 421 "idle" close  session 1 hour -> 421 "long" close
    shutdown -> 421 "bye" close  full -> 421 "full" close  broken -> 421 "broken" close
}

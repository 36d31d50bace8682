protocol sample version 1
wire { lines crlf at most 1000 octets  reply "{code} {text}" continued "{code}-{text}"  refusal 4xx 5xx }
unexpected { out of order -> 503 "Not now"  bad arguments -> 501 "Usage: {usage}"  unknown command -> 500 "What?" }
limits {
    line -> 500 "Too long"  idle 5 minutes -> 421 "Idle" close  session 1 hours -> 421 "Long" close
    shutdown -> 421 "Bye" close  full -> 421 "Full" close  broken -> 421 "Broken" close
}
anytime { on "QUIT" -> 221 "Goodbye" close }
start state ready {
    on "AUTH PLAIN[ {initial: base64}]" -> 334 "{initial}"
#~ error[T05] 50..57: `initial` may be absent here
#~ help: ask first:  initial is present
    on "AUTH PLAIN" -> 504 "No"
#~ error[D01] 8..20: in state `ready` one line has two answers
#~ label: and this
#~ also under `"AUTH PLAIN[ {initial: base64}]"`: it fits this
#~ help: the shortest such line is `AUTH PLAIN`
#~ help: make the guards disjoint, or write `override` before the one in the narrower place
}

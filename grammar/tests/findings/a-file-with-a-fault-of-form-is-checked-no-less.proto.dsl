protocol sample version 1
wire { lines crlf at most 1000 octets  reply "{code} {text}" continued "{code}-{text}"  refusal 4xx 5xx }
unexpected { out of order -> 503 "Not now"  bad arguments -> 501 "Usage: {usage}"  unknown command -> 500 "What?" }
limits {
    line -> 500 "Too long"  idle 5 minutes -> 421 "Idle" close  session 1 hours -> 421 "Long" close
    shutdown -> 421 "Bye" close  full -> 421 "Full" close  broken -> 421 "Broken" close
}
anytime { on "QUIT" -> 221 "Goodbye" close }
start state ready {
    on "A" { reply 250 "x"  goot ready }
#~ error[S01] 29..33: unknown word `goot`
#~ help: did you mean `goto`?
    on "B" { reply 250 "x"  goto nowhere }
#~ error[N04] 34..41: no state is called `nowhere`
#~ help: there is `ready`
}

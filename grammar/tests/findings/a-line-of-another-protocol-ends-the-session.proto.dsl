protocol sample version 1
wire { lines crlf at most 1000 octets  reply "{code} {text}" continued "{code}-{text}" at most 512 octets  refusal 4xx 5xx }
unexpected {
    out of order -> 503 "Not now"
    bad arguments "ODD" -> 501 "Usage: {usage}"
#~ error[W12] 19..24: `bad arguments` names no verbs
#~ help: take the text away
    unknown command -> 500 "What?"
    foreign "SING" "quit" "TWO WORDS" "" "sing" { if peer.port == 25 { reply 421 "Bye"  close }  reply 421 "Bye"  stay }
#~ error[W12] 20..26: this is a verb of the protocol itself
#~ help: take it away, or the command that begins so
#~ error[W12] 27..38: this is no word that a line begins with
#~ help: write one word of visible ASCII, 64 octets at the most
#~ error[W12] 39..41: this is no word that a line begins with
#~ help: write one word of visible ASCII, 64 octets at the most
#~ error[W12] 42..48: this word is there already
#~ help: take one away
#~ error[W13] 115..119: the session would go on with another protocol
#~ help: end it with  close
}
limits {
    line -> 500 "Too long"  idle 5 minutes -> 421 "Idle" close  session 1 hours -> 421 "Long" close
    shutdown -> 421 "Bye" close  full -> 421 "Full" close  broken -> 421 "Broken" close
}
start state ready { on "QUIT" -> 221 "Goodbye" close }

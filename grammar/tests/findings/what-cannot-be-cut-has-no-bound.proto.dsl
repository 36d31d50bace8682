protocol sample version 1
type label = 1*8(ALPHA / DIGIT)
wire {
    lines crlf at most 1000 octets
    command "{tag: label} {command}" else "*"
    reply "{tag} {code} {text}" at most 512 octets
#~ error[W04] 41..51: answers of this form cannot be cut
#~ help: let each form end with {text} and begin with no more than {code} or a word, or take the bound away
}
unexpected { out of order -> 503 "Not now"  bad arguments -> 501 "How"  unknown command -> 500 "What?"  foreign -> 421 "Bye" close }
#~ error[W12] 105..112: nothing says what is foreign
#~ help: write the words that such lines begin with:  foreign "WORD" "WORD" -> ANSWER close
limits {
    line -> 500 "Too long"  idle 5 minutes -> 421 "Idle" close  session 1 hours -> 421 "Long" close
    shutdown -> 421 "Bye" close  full -> 421 "Full" close  broken -> 421 "Broken" close
}
start state ready { on "QUIT" -> 221 "Goodbye" close }

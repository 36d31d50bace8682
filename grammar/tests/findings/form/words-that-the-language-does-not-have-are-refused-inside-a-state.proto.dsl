protocol sample version 1
state ready {
    timeout 5 minutes -> 421 "Too slow" close
#~ error[S01] 5..12: unknown word `timeout`
#~ label: expected `}`, `enter` or `leave`
    before on "MAIL" { require user is present else 530 "Log in first" }
    on request -> 250 "x"
    on "NOOP" -> 250 "OK"
}

protocol sample version 1
state ready {
    leave { }
#~ error[S01] 5..10: unknown word `leave`
#~ label: expected `}`, `enter` or `on`
    timeout 5 minutes -> 421 "Too slow" close
    before on "MAIL" { require user is present else 530 "Log in first" }
    on request -> 250 "x"
    on "NOOP" -> 250 "OK"
}

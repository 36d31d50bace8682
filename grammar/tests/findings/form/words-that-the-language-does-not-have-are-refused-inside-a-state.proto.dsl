protocol sample version 1
state ready {
    leave { }
#~ error[S01] 5..10: unknown word `leave`
#~ label: expected `}`, `enter` or `on`
    timeout 5 minutes -> 421 "Too slow" close
    before on "MAIL" { require user is present else 530 "Log in first" }
    on request -> 250 "x"
#~ error[S01] 8..15: `request` does not belong here
#~ label: expected a text in quotes
    on "LIST" -> 250 "Follows" listing each m in messages as "{m}"
#~ error[S01] 32..39: unknown word `listing`
#~ label: expected `}`, `stay` or `close`
    on "FIND" { find m in messages where m else 550 "None"  stay }
#~ error[S01] 17..21: unknown word `find`
#~ label: expected `}`, `send` or `add`
    on "NOOP" -> 250 "OK"
}

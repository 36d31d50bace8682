protocol sample version 1
anytime {
    on "NOOP" {
        reply 250 "OK"
        goot ready
#~ error[S01] 9..13: unknown word `goot`
#~ help: did you mean `goto`?
    }
}

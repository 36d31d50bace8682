protocol sample version 1
anytime {
    on "A" {
        ask dig("MX", name) within 5 seconds {
            found(hosts) => { }
#~ error[S01] 26..27: `=` does not belong here
#~ label: expected `->` or `{`
            none         { reply 550 "x"  stya }
#~ error[S01] 43..47: unknown word `stya`
#~ help: did you mean `stay`?
            failed(why)  { log eror warning "{why}" }
#~ error[S01] 37..44: `warning` does not belong here
#~ label: expected a text in quotes
        }
        ask dig("MX", name) withn 5 seconds { }
#~ error[S01] 29..34: unknown word `withn`
#~ help: did you mean `within`?
        reply 250 "OK"
        stay
    }
}

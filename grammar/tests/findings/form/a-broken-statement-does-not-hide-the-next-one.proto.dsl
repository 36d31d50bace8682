protocol sample version 1
anytime {
    on "NOOP" {
        let x 5
#~ error[S01] 15..16: `5` does not belong here
#~ label: expected `=`
        reply 250 "OK"
        stay wiht a = b
#~ error[S01] 14..18: unknown word `wiht`
#~ help: did you mean `with`?
    }
    on "HELP" -> 214 "Help"
    on QUIT -> 221 "Bye" close
#~ error[S01] 8..12: unknown word `QUIT`
#~ label: expected a text in quotes or `request`
    on "RSET" { reply 250 "OK"  stya }
#~ error[S01] 33..37: unknown word `stya`
#~ help: did you mean `stay`?
}

protocol sample version 1
state ready has
#~ error[S01] 13..16: something is missing behind `has`
#~ label: expected a name
anytime {
    on "NOOP"
#~ error[S01] 8..14: something is missing behind `"NOOP"`
#~ label: expected `->`, `{` or `alone`
    on "HELP" -> 214 "Help"
    on "RSET" { require x is present else
#~ error[S01] 38..42: something is missing behind `else`
#~ label: expected an answer, `give` or `silent`
        stay }
}
routine clean needs
#~ error[S01] 15..20: something is missing behind `needs`
#~ label: expected a name

protocol sample version 1
during ready {
    on "NOOP" { reply 250 "OK"  stay } }
    on "HELP" -> 214 "Help"
#~ error[S04] 5..7: `on` stands outside of any state
#~ help: put it into a `state`, a `during` or `anytime`; a `}` before it may be one too many
}
state ready

protocol sample version 1
state ready {
    on "NOOP" -> 250 "OK"
}
}
#~ error[S03] 1..2: this `}` closes nothing
#~ help: delete it, or add the `{` that it belongs to
anytime { on "HELP" -> 214 "Help" }

protocol sample version 1
during ready {
#~ error[S03] 14..15: this `{` is never closed
#~ help: add the `}` that belongs to it
    on "NOOP" -> 250 "OK"

state ready
anytime {
#~ error[S03] 9..10: this `{` is never closed
#~ help: add the `}` that belongs to it
    on "HELP" -> 214 "Help"

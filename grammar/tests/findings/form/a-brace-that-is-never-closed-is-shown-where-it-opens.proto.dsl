protocol sample version 1
during ready {
    on "NOOP" {
#~ error[S03] 15..16: this `{` is never closed
#~ also under `on`: this is indented as if it were closed before
#~ help: add the `}` that belongs to it
        reply 250 "OK"
        stay
    on "HELP" -> 214 "Help"
}
state ready

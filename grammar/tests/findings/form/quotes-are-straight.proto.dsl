protocol sample version 1
anytime {
    on “NOOP” -> 250 “OK”
#~ error[S08] 8..9: `“` is not a straight quote
#~ help: texts stand in straight quotes: `"`
    on "HELP" -> 214 "Help — with “quotes” in it"
}

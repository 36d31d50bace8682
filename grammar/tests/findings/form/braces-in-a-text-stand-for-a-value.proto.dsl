protocol sample version 1
anytime {
    on "A" -> 250 "all {is well"
#~ error[S06] 24..25: this `{` has no `}` in its text
#~ help: add it; the sign itself is written `{{`
    on "B" -> 250 "all is} well"
#~ error[S06] 26..27: this `}` closes nothing
#~ help: the sign itself is written `}}`
    on "C" -> 250 "{is not} well"
#~ error[S11] 21..23: `is` is a word of the language and cannot be a name
#~ help: choose another name
#~ help: a brace itself is written `{{` or `}}`
    on "D" -> 250 "{}"
#~ error[S06] 21..22: `}` does not belong here
#~ label: expected a value
#~ help: a brace itself is written `{{` or `}}`
    on "E" -> 250 "{{all}} is well"
}

protocol sample version 1
anytime {
    on "A[ {rest}" -> 250 "x"
#~ error[S06] 10..11: this `[` has no `]` in its text
#~ help: add it; the sign itself is written `[[`
    on "B {rest}]" -> 250 "x"
#~ error[S06] 17..18: this `]` closes nothing
#~ help: the sign itself is written `]]`
    on "C {rest" -> 250 "x"
#~ error[S06] 11..12: this `{` has no `}` in its text
#~ help: add it; the sign itself is written `{{`
    on "D {rest text}" -> 250 "x"
#~ error[S06] 17..21: `text` does not belong here
#~ label: expected `:` or `}`
#~ help: a brace itself is written `{{` or `}}`, a bracket `[[` or `]]`
    on "E {rest: }" -> 250 "x"
#~ error[S06] 18..19: `}` does not belong here
#~ label: expected a name, `list` or `secret`
#~ help: a brace itself is written `{{` or `}}`, a bracket `[[` or `]]`
    on "F [[{rest}]]" -> 250 "x"
}

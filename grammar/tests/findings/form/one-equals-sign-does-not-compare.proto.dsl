protocol sample version 1
anytime { on "A" { if a = b { } reply 250 "x"  stay } }
#~ error[S01] 25..26: `=` does not belong here
#~ label: expected `{`
#~ help: did you mean `==`?

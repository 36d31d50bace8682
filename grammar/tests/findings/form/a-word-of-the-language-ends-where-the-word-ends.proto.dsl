protocol sample version 1
statefresh ready
#~ error[S04] 1..11: unknown item `statefresh`
#~ help: the nearest known item is `state`
anytime { on "NOOP" { gotofresh } }
#~ error[S01] 23..32: unknown word `gotofresh`
#~ help: a blank is missing: `goto fresh`

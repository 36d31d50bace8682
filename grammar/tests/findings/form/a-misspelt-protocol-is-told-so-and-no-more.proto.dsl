protocl sample version 1
#~ error[S04] 1..8: unknown item `protocl`
#~ help: did you mean `protocol`?
state ready

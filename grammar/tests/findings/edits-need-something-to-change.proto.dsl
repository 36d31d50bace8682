protocol sample version 1

import "rooms.part.dsl"

settings { name = "Ada" }
#~ error[I02] 12..16: the setting `name` has no type
#~ help: write  name : TYPE = DEFAULT
remove "WAVE"
#~ error[I02] 8..14: `remove` changes what was taken over, and nothing was
#~ help: write  from BASE  in the first line, or take it away
rename "WAVE" to "NOD"
#~ error[I02] 8..14: `rename` changes what was taken over, and nothing was
#~ help: write  from BASE  in the first line, or take it away
before on "WAVE" { log info "waved" }
#~ error[I02] 11..17: `before` changes what was taken over, and nothing was
#~ help: write  from BASE  in the first line, or take it away
override routine bye { reply 221 "Bye"  close }
#~ error[I02] 1..9: `override` changes what was taken over, and nothing was
#~ help: write  from BASE  in the first line, or take it away
start state open { on "LEAVE" { run bye } }

protocol louder from greeter "Says good day, loudly" version 2

import "room.part.dsl"
#~ error[I01] 8..23: there is no `room.part.dsl` beside this file
#~ help: did you mean `rooms.part.dsl`?
import "greeter.proto.dsl"
#~ error[I04] 8..27: `greeter.proto.dsl` names no part of a protocol
#~ help: a protocol is taken over:  protocol NAME from greeter version 1
import "headed.part.dsl"

settings {
    name  = "Ada"
    nmae  = "Bob"
#~ error[I02] 5..9: `greeter` has no setting `nmae`
#~ help: did you mean `name`?
    most  : number = 5
#~ error[N01] 5..9: a setting is called `most` already
#~ also under `most`: here
#~ help: to change its default alone, leave its type out:  NAME = DEFAULT
    loud  : yes_no = yes
}
rename "GREAT" to "SHOUT"
#~ error[I02] 8..15: `greeter` has no command `GREAT`
#~ help: did you mean `GREET`?
rename "GREET" to "SHOUT"
remove "WAVES", "DANCE"
#~ error[I02] 8..15: `greeter` has no command `WAVES`
#~ help: did you mean `WAVE`?
remove setting mist
#~ error[I02] 16..20: `greeter` has no setting `mist`
#~ help: did you mean `most`?
remove routine dance
before on "GREET" { log info "was greeted" }
#~ error[I02] 11..18: `greeter` has no command `GREET`
#~ help: it has: SHOUT, WAVE, HELP, LEAVE
before on "SHOUT" { require settings.loud else 503 "Hush" }
override routine prance { reply 250 "Hop"  stay }
#~ error[I02] 1..9: `greeter` has no routine `prance`
#~ help: it has no routine at all: take this away
override limits { dance 3 -> 421 "Enough" close }
#~ error[I02] 19..24: `greeter` has no line of limits `dance`
#~ help: did you mean `dances`?
override wire { prompt "{text}" }
#~ error[I02] 17..32: `greeter` has no line of wire `prompt`
#~ help: it has: lines, reply, refusal, verbs, patience
during open {
    override on "HALP" -> 214 "None"
#~ error[V01] 17..23: nobody will ever send `HALP`: it is not among the verbs of the wire
#~ help: did you mean `HELP`?
#~ error[D02] 5..13: this overrides nothing
#~ help: no wider group has a command with this literal text: take `override` away
    override on "HELP" -> 214 "Some"
}
#~ in headed.part.dsl:1
#~ error[I04] 1..26: a part of a protocol holds no `protocol` line
#~ also under `"headed.part.dsl"`: imported here
#~ help: take the line away

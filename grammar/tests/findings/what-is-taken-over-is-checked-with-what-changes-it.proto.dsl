protocol quieter from greeter version 1

remove setting name
during open {
    on "HELP" -> 214 "Some"
}
#~ in greeter.proto.dsl:22
#~ error[N02] 52..56: no setting is called `name`
#~ help: there is `most`
#~ in greeter.proto.dsl:26
#~ error[N02] 47..51: no setting is called `name`
#~ help: there is `most`
#~ in greeter.proto.dsl:31
#~ error[N02] 38..42: no setting is called `name`
#~ help: there is `most`
#~ in greeter.proto.dsl:28
#~ error[D01] 8..14: in state `open` one line has two answers
#~ label: and this
#~ also under `"HELP"`: it fits this
#~ help: the shortest such line is `HELP`
#~ help: make the guards disjoint, or write `override` before the one in the narrower place

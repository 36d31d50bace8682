protocol wilder from greeter version 1

during open {
    override on "DANCE" -> 250 "Anywhere"
}
remove routine dance
#~ in greeter.proto.dsl:57
#~ error[P01] 9..34: `nobody dances under TLS` can be broken
#~ also under `250 "Anywhere"`: this happens, and nothing keeps the promise
#~ help: guard it with the words of the promise, or mend the promise

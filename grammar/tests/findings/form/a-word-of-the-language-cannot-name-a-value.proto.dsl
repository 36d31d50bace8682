protocol sample version 1
state ready has close, client
#~ error[S11] 17..22: `close` is a word of the language and cannot be a name
#~ help: choose another name
anytime {
    on "A {stay}" -> 250 "x"
#~ error[S11] 12..16: `stay` is a word of the language and cannot be a name
#~ help: choose another name
    on "B" { let reply = 5  reply 250 "x"  stay }
#~ error[S11] 18..23: `reply` is a word of the language and cannot be a name
#~ help: choose another name
    on "C {count}" -> 250 "{count}"
}

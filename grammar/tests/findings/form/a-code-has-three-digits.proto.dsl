protocol sample version 1
anytime {
    on "A" -> 999 "x"
#~ error[S10] 15..18: `999` is no code of an answer
#~ help: a code has three digits, the first of them 1 to 5
    on "B" -> 25 "x"
#~ error[S10] 15..17: `25` is no code of an answer
#~ help: a code has three digits, the first of them 1 to 5
    on "C" { reply 2500 "x"  stay }
#~ error[S10] 20..24: `2500` is no code of an answer
#~ help: a code has three digits, the first of them 1 to 5
    on "D" -> 4xx "x"
#~ error[S10] 15..18: `4xx` is no code of an answer
#~ help: a code has three digits, the first of them 1 to 5
    on "E" -> 250 "x"
}

protocol sample version 1
anytime {
    on "A {n: number}" followed by n octets as chunk { reply 250 "x"  stay }
#~ error[S01] 54..55: `{` does not belong here
#~ label: expected `at`
    on "B {n: number}" followed by n as chunk at most 10 octets else 552 "Too big" { reply 250 "x"  stay }
#~ error[S01] 38..40: `as` does not belong here
#~ label: expected `{` or `octets`
    on "C {n: number}" followed by 10 octets as chunk at most 10 octets else 552 "Too big" { reply 250 "x"  stay }
}

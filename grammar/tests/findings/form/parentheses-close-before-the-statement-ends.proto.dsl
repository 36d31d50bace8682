protocol sample version 1
anytime {
    on "A" {
        let x = size(a
#~ error[S01] 22..23: something is missing behind `a`
#~ label: expected `)` or `,`
        let y = (1 + 2
#~ error[S01] 22..23: something is missing behind `2`
#~ label: expected `)`
        require x in [1, 2 else 500 "x"
#~ error[S01] 28..32: `else` does not belong here
#~ label: expected `,` or `]`
        reply 250 "x"
        stay
    }
}

protocol sample version 1
type a = 1*(ALPHA / DIGIT
#~ error[S01] 21..26: something is missing behind `DIGIT`
#~ label: expected an element of ABNF, `)` or `/`
type b = 1 * ALPHA
#~ error[S01] 12..13: `*` does not belong here
#~ label: expected an element of ABNF
type c = %y41
#~ error[S01] 11..14: `y41` does not belong here
#~ label: expected `x`, `d` or `b`, then digits
type d = "x" / / "y"
#~ error[S01] 16..17: `/` does not belong here
#~ label: expected an element of ABNF
type e = number 1 65535
#~ error[S01] 19..24: `65535` does not belong here
#~ label: expected `to`
type f = params { SIZE: size }
#~ error[S01] 19..23: `SIZE` does not belong here
#~ label: expected a text in quotes or `}`
type ok-name = 1*20(ALPHA / %x30-39) [ "-" ]

protocol sample version 1
wire {
    lines crlf
#~ error[S01] 11..15: something is missing behind `crlf`
#~ label: expected `at`
    reply {code}
#~ error[S01] 11..12: `{` does not belong here
#~ label: expected a text in quotes
    refusal 4xx 5x
#~ error[S10] 17..19: `5x` is no code of an answer
#~ help: a code has three digits, the first of them 1 to 5
    pipeline maybe
#~ error[S01] 14..19: unknown word `maybe`
#~ label: expected `yes` or `no`
    request attributes
#~ error[S01] 13..23: something is missing behind `attributes`
#~ label: expected a text in quotes
    exact
#~ error[S01] 5..10: something is missing behind `exact`
#~ label: expected `case`
    verbs EHLO
#~ error[S01] 11..15: `EHLO` does not belong here
#~ label: expected a text in quotes
    cancel "*"
}

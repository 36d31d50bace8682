protocol sample version 1
promise "one" { ask deliver unless tls is present }
#~ error[S01] 17..20: `ask` does not belong here
#~ label: expected `never`
promise "two" { never foo unless tls is present }
#~ error[S01] 23..26: unknown word `foo`
#~ label: expected `on`, `add` or `ask`
promise "three" { never ask deliver if tls is present }
#~ error[S01] 37..39: `if` does not belong here
#~ label: expected `unless`
promise { never ask deliver unless tls is present }
#~ error[S01] 9..10: `{` does not belong here
#~ label: expected a text in quotes

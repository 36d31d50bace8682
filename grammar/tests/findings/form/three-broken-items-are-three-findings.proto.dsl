protocol sample version 1
settings { a text }
#~ error[S01] 14..18: `text` does not belong here
#~ label: expected `:` or `=`
wire { line crlf at most 1000 octets }
#~ error[S01] 8..12: unknown word `line`
#~ help: did you mean `lines`?
record message { sender : }
#~ error[S01] 27..28: `}` does not belong here
#~ label: expected a name, `list` or `secret`
state ready
during ready { on "NOOP" -> 250 "OK" }

protocol sample version 1
sql password_of(login: text) gives { hash: secret } as "SELECT 1"
#~ error[S01] 51..52: `}` does not belong here
#~ label: expected a name or `list`
#~ help: say what is secret: `secret text`, `secret base64`
anytime { on "PASS {guess: secret text}" -> 250 "OK" }

protocol sample version 1
sql one(a: text) as "SELECT 1"
#~ error[S01] 18..20: `as` does not belong here
#~ label: expected `on` or `gives`
sql two(a text) gives { n: number } as "SELECT 1"
#~ error[S01] 11..15: `text` does not belong here
#~ label: expected `:`
sql three() gives list of { n: number } as "SELECT 1"
#~ error[S01] 41..43: `as` does not belong here
#~ label: expected `at`
sql four() gives nothing as
#~ error[S01] 26..28: something is missing behind `as`
#~ label: expected a text in quotes
sql five() gives { n: number } as "SELECT 1"

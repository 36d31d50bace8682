protocol sample version 1
server mta_live(host: domain) gives alive { connect to host }
#~ error[S04] 1..7: unknown item `server`
#~ help: the nearest known item is `remove`
reload { finish old sessions 10 minutes }
#~ error[S04] 1..7: unknown item `reload`
#~ help: did you mean `record`?
state ready

protocol sample version 1
server mta_live(host: domain) gives alive { connect to host }
#~ error[S04] 1..7: unknown item `server`
#~ help: the nearest known item is `wire`
reload { finish old sessions 10 minutes }
#~ error[S04] 1..7: unknown item `reload`
#~ help: did you mean `record`?
import "other"
#~ error[S04] 1..7: unknown item `import`
#~ help: the nearest known item is `record`
remove "EHLO"
#~ error[S04] 1..7: unknown item `remove`
#~ help: the nearest known item is `record`
state ready
rename "EHLO" to "LHLO"
#~ error[S04] 1..7: unknown item `rename`
#~ help: the nearest known item is `record`

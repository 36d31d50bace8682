protocol sample version 1
server mta_live(host: domain) gives alive { connect to host }
#~ error[S04] 1..7: unknown item `server`
#~ help: the nearest known item is `remove`
state ready

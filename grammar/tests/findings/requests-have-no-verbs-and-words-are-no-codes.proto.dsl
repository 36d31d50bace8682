protocol sample version 1
wire {
    lines lf at most 1000 octets
    request attributes "=" at most 20 lines and 4 KB { name: word }
    reply "action={word} {text}" then blank line
    answers YES
    refusal NO
}
unexpected { out of order -> 450  bad arguments -> NO  foreign "SING" -> NO close }
#~ error[R02] 30..33: `450` is no word
#~ help: the form of the wire has {word}: answer with one, YES, say
#~ warning[U01] 56..63: `foreign` can never happen here
#~ help: requests have no verbs: take it away
limits {
    line -> NO  idle 5 minutes -> silent close  session 1 hours -> silent close
    shutdown -> silent close  full -> silent close  broken -> silent close
}
start state ready { on request when request.name is present -> YES  on request when request.name is absent -> 450 "later" }
#~ error[R02] 111..114: `450` is no word
#~ help: the form of the wire has {word}: answer with one, YES, say

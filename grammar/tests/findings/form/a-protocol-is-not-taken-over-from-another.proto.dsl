protocol lmtp from smtp "Local mail transfer" version 1
#~ error[S01] 15..19: `from` does not belong here
#~ label: expected a text in quotes or `version`
state ready

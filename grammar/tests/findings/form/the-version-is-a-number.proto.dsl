protocol sample "a sample" version one
#~ error[S01] 36..39: `one` does not belong here
#~ label: expected a number
state ready

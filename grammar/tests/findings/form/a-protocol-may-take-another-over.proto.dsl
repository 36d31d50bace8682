protocol lmtp from smtp "Local mail transfer" version 1
state ready

settings { a : text }
#~ error[S10] 1..9: the file does not begin with `protocol`
#~ help: begin it with `protocol NAME "title" version 1`
state ready

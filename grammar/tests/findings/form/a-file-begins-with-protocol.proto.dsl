settings { a : text }
#~ error[S09] 1..9: the file does not begin with `protocol`
#~ help: begin it with `protocol NAME "title" version 1`
state ready

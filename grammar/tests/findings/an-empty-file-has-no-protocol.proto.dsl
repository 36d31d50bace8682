# nothing here
#~ error[S10] 1..1: the file does not begin with `protocol`
#~ help: begin it with `protocol NAME "title" version 1`

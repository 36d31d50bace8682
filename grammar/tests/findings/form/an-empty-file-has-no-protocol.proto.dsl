# nothing here
#~ error[S09] 1..1: the file does not begin with `protocol`
#~ help: begin it with `protocol NAME "title" version 1`

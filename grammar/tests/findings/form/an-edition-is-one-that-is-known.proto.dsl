protocol sample version 1 edition 2
#~ error[S09] 27..36: edition 2 of the language is not known here
#~ help: this is edition 1; a newer program may read it
state ready

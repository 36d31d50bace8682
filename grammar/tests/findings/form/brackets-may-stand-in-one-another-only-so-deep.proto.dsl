protocol sample version 1
settings { a : number = ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1)))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))) }
#~ error[S07] 88..89: more than 64 brackets stand around this
#~ help: give a part of it a name of its own
state ready

state ready
protocol late version 1
#~ error[S09] 1..9: `protocol` is not the first item
#~ help: put it at the head of the file
protocol again version 2
#~ error[S09] 1..9: `protocol` is not the first item
#~ help: put it at the head of the file

protocol sample version 1
settings {
    patience : duration = 5 mins
#~ error[S05] 29..33: `mins` is no unit
#~ help: the units are octets, KB, MB, GB, milliseconds, seconds, minutes, hours and days
    limit    : size     = 35 mib
#~ error[S05] 30..33: `mib` is no unit
#~ help: did you mean `MB`?
    least    : size     = 35MB
#~ error[S05] 27..31: `35MB` is not a number
#~ help: between number and unit stands a blank: `35 MB`
    most     : size     = 1.5 MB
#~ error[S05] 27..30: `1.5` is not a whole number
#~ help: write it in a smaller unit: `1536 KB` for one and a half MB
    huge     : number   = 99999999999999999999
#~ error[S05] 27..47: `99999999999999999999` is too large
#~ help: the largest number is 9223372036854775807
    vast     : size     = 9999999999999 GB
#~ error[S05] 27..43: `9999999999999 GB` is too large
#~ help: the largest number is 9223372036854775807
    fine     : duration = 200 milliseconds
}

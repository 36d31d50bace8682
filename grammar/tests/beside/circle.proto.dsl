protocol circle from circle version 1

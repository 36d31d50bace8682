protocol louder from greeter version 1
override wire { reply "{code}:{text}" continued "{code}+{text}"   lines crlf at most 2000 octets }
#~ warning[E06] 17..64: the client `probe` of `greeter` now speaks this wire
#~ also under `probe`: it is here
#~ help: a server of the former wire does not understand it: write  remove client probe,  or  override client probe …
settings { name = "Ada" }

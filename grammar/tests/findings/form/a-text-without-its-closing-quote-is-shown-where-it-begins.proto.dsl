protocol sample version 1
anytime {
    on "NOOP" -> 250 "OK
#~ error[S02] 22..23: a text without its closing quote
#~ label: it begins here and does not end on this line
#~ help: close it with `"`; a quote inside a text is written `\"`
    on "HELP" -> 214 "Help"
    on "RSET { reply 250 "OK"  stay }
#~ error[S02] 29..30: a text without its closing quote
#~ label: it begins here and does not end on this line
#~ help: close it with `"`; a quote inside a text is written `\"`
}
state ready

protocol sample version 1
anytime {
    on "A" -> 250 "\q"
#~ error[S06] 20..22: `\q` is no escape
#~ help: the escapes are `\n \r \t \0 \\ \"`; a backslash itself is `\\`
    on "B\n" -> 250 "x"
#~ error[S06] 10..12: `\n` is no escape
#~ help: the escapes are `\\ \" \{ \} \[ \]`; a backslash itself is `\\`
    on "C" -> 250 "tab \t and quote \" and backslash \\"
}

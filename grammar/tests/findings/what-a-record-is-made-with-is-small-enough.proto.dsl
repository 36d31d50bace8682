protocol sample version 1
#~ error[W05] 1..26: nothing says what is answered to `line`, `idle`, `session`, `shutdown`, `full` and `broken`
#~ help: write  limits { line -> ANSWER  idle 5 minutes -> ANSWER  session 2 hours -> ANSWER  shutdown -> ANSWER  full -> ANSWER  broken -> ANSWER }
wire { lines crlf at most 200 octets  reply "{code} {text}" }
settings { name : text = "x"  names : list of word = ["a", "b", "c"]  tag : word at most 4 = "y" }
#~ warning[T21] 90..91: nothing holds this bound
#~ help: take it away; bound what comes in:  on "X {x: text at most 40}",  or ask:  require size(x) <= 40 else …
record note { title : text at most 20  tags : list of word at most 2  hint : text? at most 200 }
start state a {
    on "HOLE {t: text at most 20}" -> 250 "h" goto b with n = note { title: t, tags: [] }
    on "LINE {t: text}" -> 250 "l" goto b with n = note { title: "plain", tags: ["a"], hint: t }
    on "ASKED {t: text}" { require size(t) <= 20 else 501 "long"  reply 250 "a"  goto b with n = note { title: t, tags: [] } }
    on "NAMED" { let x = settings.name  require size(x) < 21 else 501 "long"  reply 250 "n"  goto b with n = note { title: x, tags: [] } }
    on "PROMPT" { let x = prompt 334 "?" for text at most 10  reply 250 "p"  goto b with n = note { title: x, tags: [] } }
    on "MADE {t: text at most 7}" -> 250 "m" goto b with n = note { title: "<{t}> ({t})", tags: [] }
    on "FREE {t: text}" -> 250 "f" goto b with n = note { title: t, tags: [] }
#~ error[T20] 66..67: this is not known to be small enough: `title` of `note` holds 20 at the most
#~ help: ask first:  require size(t) <= 20 else …
    on "FREED {t: text at most 10}" -> 250 "f" goto b with n = note { title: "<{t}> ({t})", tags: [] }
#~ error[T20] 78..91: this is not known to be small enough: `title` of `note` holds 20 at the most
#~ help: name it and ask first:  let x = …  require size(x) <= 20 else …
    on "SET" -> 250 "{settings.tag}" goto b with n = note { title: settings.name, tags: settings.names }
#~ error[T20] 68..81: this is not known to be small enough: `title` of `note` holds 20 at the most
#~ help: ask first:  require size(settings.name) <= 20 else …
#~ error[T20] 89..103: this is not known to be small enough: `tags` of `note` holds 2 at the most
#~ help: ask first:  require size(settings.names) <= 2 else …
    on "LONG" { let x = prompt 334 "?" for text  reply 250 "l"  goto b with n = note { title: x, tags: [] } }
#~ error[T20] 95..96: this is not known to be small enough: `title` of `note` holds 20 at the most
#~ help: ask first:  require size(x) <= 20 else …
    on "QUIT" -> 221 "bye" close
}
state b has n {
    on "AGAIN" -> 250 "a" goto b with n = note { title: n.title, tags: n.tags }
    on "QUIT" -> 221 "bye" close
}
unexpected { bad answer -> 501 "no answer" }
#~ error[W05] 14..24: nothing says what is answered to `bad arguments`
#~ help: write  bad arguments -> ANSWER  in  unexpected { … }
#~ error[W05] 14..24: nothing says what is answered to `out of order`
#~ help: write  out of order -> ANSWER  in  unexpected { … }
#~ error[W05] 14..24: nothing says what is answered to `unknown command`
#~ help: write  unknown command -> ANSWER  in  unexpected { … }

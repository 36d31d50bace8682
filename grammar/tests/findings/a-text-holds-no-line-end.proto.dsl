protocol sample version 1
wire { lines crlf at most 1000 octets  reply "{code} {text}" continued "{code}-{text}"  refusal 4xx 5xx }
settings { words : text = "one\ntwo" }
#~ error[R07] 28..36: a line end inside a text
#~ help: a text is a part of one line: let each line be a text of its own
record note { text : text   body : octets at most 1 KB }
start state open has paper? {
    on "KEEP {w: word}" {
        let kept = "a\r{w}"
#~ error[R07] 21..24: a line end inside a text
#~ help: a text is a part of one line: let each line be a text of its own
        reply 250 "{kept} {"b\n"}"
#~ error[R07] 29..32: a line end inside a text
#~ help: a text is a part of one line: let each line be a text of its own
        stay with paper = note { text: "tab\tis fine" }
    }
    on "HEAD" when paper is present {
        prepend header "X-A" "one\ntwo" to paper
#~ error[R07] 31..39: a line end inside a line of a header
#~ help: write one string per line
        require paper.text != "\0" else 550 "no"
#~ error[R07] 32..34: a line end inside a text
#~ help: a text is a part of one line: let each line be a text of its own
        reply 250 "{until(paper.text, "\n")} {settings.words}"
#~ error[R07] 40..42: a line end inside a text
#~ help: a text is a part of one line: let each line be a text of its own
        stay
    }
    on "QUIT" -> 221 "bye" close
}
unexpected { out of order -> 503 "Not now"  bad arguments -> 501 "How?"  unknown command -> 500 "What?" }
limits {
    line -> 500 "Too long"  idle 5 minutes -> 421 "Idle" close  session 1 hours -> 421 "Long" close
    shutdown -> 421 "Bye" close  full -> 421 "Full" close  broken -> 421 "Broken" close
}

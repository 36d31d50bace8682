protocol door "a door that opens to a word" version 1
settings { password: word = "mellon" }
wire { lines crlf at most 200 octets  reply "{code} {text}"  refusal 5xx }
start state outside {
    enter { reply 220 "Speak, friend, and enter"  stay }
    on "SAY {said: word}" {
        require said == settings.password else 550 "The door stays shut"
        reply 250 "The door opens"  goto inside with key = said
    }
}
state inside has key { on "LOOK" -> 250 "It is dark, and {key} is not the last word" }
anytime { on "QUIT" -> 221 "Farewell" close }
unexpected { out of order -> 503 "Not now; try {expected}"  bad arguments -> 501 "Usage: {usage}"  unknown command -> 500 "What?" }
limits {
    line -> 500 "Too long"  idle 1 minute -> 421 "Asleep?" close  session 1 hour -> 421 "Enough" close
    shutdown -> 421 "Closing" close  full -> 421 "Full" close  broken -> 421 "Our fault" close
}

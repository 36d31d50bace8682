

protocol crowded "Everything stands too close" version 1
settings{ hostname:domain=local.name }
settings{greeting:text="hello"# said first
  patience_of_ours    :duration=5 minutes   # and then


}
wire{lines crlf at most 100 octets
reply "{code} {text}" continued "{code}-{text}" refusal 4xx 5xx
  patience "ONE" 5 minutes "TWO" 10 minutes }
type letter=ALPHA
type letters   = 1*20(ALPHA/DIGIT / "-")
type flags = params{"A":size "B":word
"LONGER" : letters}
start state a{enter{reply 220 "{settings.hostname}" stay}
   on "ONE {n: number}"{if n>=3{reply 250 "many"stay}
   reply 250 "few"
   stay}
   # what is left
   on "TWO"->250 "two"
   on "THREE {x: letters}"->250 "three"
   on "FOUR"
   ->250 "four"
   on "QUIT" -> 221 "bye" close }
unexpected{out of order->503 "no"
bad arguments->501 "{usage}"
unknown command{reply 500 "what?"stay}
jumped queue->503 "wait" close
}
promise "said" {never reply 250 unless tls is present
or tls is absent}
# the end

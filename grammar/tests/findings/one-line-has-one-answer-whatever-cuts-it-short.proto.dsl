# What may end a body before its end gives the answer of the line: a limit, a prompt, the silence of the peer.
protocol sample version 1
wire { lines crlf at most 1000 octets  reply "{code} {text}"  cancel "*" }
record letter { author: word  lines: list of word at most 5  body: octets at most 1 MB }

start state open {
    on "COUNT"    { reply 250 "counted"  count heavy  stay }
#~ error[F03] 42..53: the answer of the limit `heavy` would be a second one: this path may have answered already
#~ also under `250 "counted"`: the first answer
#~ help: put it in front of the answer
    on "BEFORE"   { count heavy  reply 250 "counted"  stay }
    on "ENTER"    -> 250 "entered" goto counting
#~ error[F03] 36..49: the target answers on entering, and this path has answered already
#~ also under `250 "entered"`: the first answer
#~ help: leave the answer to the target, or take it out of its  enter
    on "ROUTINE"  { reply 250 "run"  run counted }
    on "PROMPT"   { reply 250 "asked"  let more = prompt 334 "more?" for word  log info "{more}"  stay }
#~ error[F03] 51..78: whoever does not answer this is answered a second time: this path may have answered already
#~ also under `250 "asked"`: the first answer
#~ help: put it in front of the answer
    on "I {who: word}" -> 250 "hello" goto writing with paper = letter { author: who }
}
state counting { enter { count heavy  stay }  on "GO" -> 250 "gone" goto open }
state asking { enter { let more = prompt 334 "more?" for word  log info "{more}"  stay }  on "GO" -> 250 "gone" goto open }
state greeting { enter { reply 220 "one"  goto again } }
#~ error[F03] 43..53: the target answers on entering, and this path has answered already
#~ also under `220 "one"`: the first answer
#~ help: leave the answer to the target, or take it out of its  enter
state again { enter { reply 220 "two"  stay }  on "GO" -> 250 "gone" goto open  on "ASK" -> 250 "asked" goto asking  on "GREET" { goto greeting } }
#~ error[F03] 105..116: the target answers on entering, and this path has answered already
#~ also under `250 "asked"`: the first answer
#~ help: leave the answer to the target, or take it out of its  enter

state writing has paper {
    on "TEXT" alone {
        reply 354 "go ahead"
        receive dotted lines into paper.body at most 1 MB {
#~ error[F03] 9..60: whoever falls silent here is answered a second time: this path may have answered already
#~ also under `354 "go ahead"`: the first answer
#~ help: put it in front of the answer
            complete    { stay }
            too_big     { stay }
            failed(why) { log error "{why}"  stay }
        }
    }
    on "ADD {line: word}" { require size(paper.lines) < 5 else 552 "full"  add line to paper.lines  reply 250 "added"  stay }
    on "ALL"      { for each one in paper.lines { reply 250 "{one}" }  stay }
#~ error[F03] 21..70: this loop answers in its rounds: not at all over an empty list, and several times over a longer one
#~ help: answer behind the loop; where the peer waits for one answer for each element, write  answer each
    on "SOME"     { for each one in paper.lines { if one == "a" { reply 250 "{one}" } }  reply 250 "all"  stay }
#~ error[F03] 21..88: this loop answers in its rounds: not at all over an empty list, and several times over a longer one
#~ help: answer behind the loop; where the peer waits for one answer for each element, write  answer each
#~ error[F03] 96..105: a path comes here that has given its answer already
#~ also under `250 "{one}"`: the first answer
#~ help: one command, one final answer: use  say  for lines before it
    on "FIRST"    { for each one in paper.lines { reply 250 "{one}"  stay }  reply 550 "none"  stay }
    on "EACH"     { require paper.lines is not empty else 550 "none"  answer each one in paper.lines { reply 250 "{one}" }  stay }
    on "SIZED"    { if 0 < size(paper.lines) { answer each one in paper.lines { reply 250 "{one}" }  stay }  reply 550 "none"  stay }
    on "EMPTY"    { answer each one in paper.lines { reply 250 "{one}" }  stay }
#~ error[F02] 40..51: this list may be empty, and then there is no answer
#~ help: ask first:  require LIST is not empty else …
    on "REMOVED"  { require paper.lines is not empty else 550 "none"  remove "a" from paper.lines  answer each one in paper.lines { reply 250 "{one}" }  stay }
#~ error[F02] 119..130: this list may be empty, and then there is no answer
#~ help: ask first:  require LIST is not empty else …
    on "ROUNDS"   { require paper.lines is not empty else 550 "none"  for each one in paper.lines { remove one from paper.lines }  answer each one in paper.lines { reply 250 "{one}" }  stay }
#~ error[F02] 151..162: this list may be empty, and then there is no answer
#~ help: ask first:  require LIST is not empty else …
    on "LACKING"  { require paper.lines is not empty else 550 "none"  answer each one in paper.lines { if one == "a" { reply 250 "{one}" } }  stay }
#~ error[F02] 71..141: a round of this may give no answer
#~ help: put a  reply  on each of its ways
    on "BESIDE"   { require paper.lines is not empty else 550 "none"  answer each one in paper.lines { reply 250 "{one}" }  reply 250 "all"  stay }
#~ error[F03] 131..140: a path comes here that has given its answer already
#~ also under `answer each one in paper.lines { reply 250 "{one}" }`: the first answer
#~ help: one command, one final answer: use  say  for lines before it
    on "ENDED"    { require paper.lines is not empty else 550 "none"  answer each one in paper.lines { require one != "a" else 550 "no"  reply 250 "{one}" }  stay }
#~ error[F08] 136..136: this may end the command before each element is answered
#~ also under `answer each one in paper.lines { require one != "a" else 550 "no"  reply 250 "{one}" }`: each element is owed an answer
#~ help: decide it in front of the  answer each,  or behind it
    on "LIMITED"  { require paper.lines is not empty else 550 "none"  answer each one in paper.lines { count heavy  reply 250 "{one}" }  stay }
#~ error[F08] 104..115: this may end the command before each element is answered
#~ also under `answer each one in paper.lines { count heavy  reply 250 "{one}" }`: each element is owed an answer
#~ help: decide it in front of the  answer each,  or behind it
    on "WITHIN"   { require paper.lines is not empty else 550 "none"  answer each one in paper.lines { answer each other in paper.lines { reply 250 "{other}" } }  stay }
#~ error[F03] 104..160: these answers would come beside another one
#~ also under `answer each one in paper.lines { answer each other in paper.lines { reply 250 "{other}" } }`: the other one
#~ help: the answers of an  answer each  are all that its command is answered
}
routine counted { count heavy  stay }
#~ error[F03] 19..30: the answer of the limit `heavy` would be a second one: this path may have answered already
#~ also under `250 "run"`: the first answer
#~ help: put it in front of the answer
anytime { on "QUIT" -> 221 "bye" close  on "AGAIN" { goto again } }
unexpected {
    out of order -> 503 "not now"  bad arguments -> 501 "how?"  unknown command -> 500 "what?"
    cancelled -> 501 "as you like"  bad answer -> 501 "that is no word"  jumped queue -> 503 "wait" close
}
limits {
    line -> 500 "too long"  idle 5 minutes -> 421 "asleep?" close  session 1 hour -> 421 "enough" close
    shutdown -> 421 "closing" close  full -> 421 "full" close  broken -> 421 "our fault" close
    heavy 3 -> 421 "too heavy" close
    talking early within 1 second -> 554 "let me speak first"
#~ error[G16] 62..62: the session would go on without its greeting
#~ help: end it with  close
}

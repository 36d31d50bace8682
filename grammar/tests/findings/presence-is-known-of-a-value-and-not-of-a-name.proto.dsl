# A hole, a local or an element that is called like a fact says nothing of the fact.
protocol sample version 1
wire { lines crlf at most 1000 octets  reply "{code} {text}"  listing dotted }
record trunk { owner: word  things: list of word at most 5 }
sql ask_for(thing: text) gives { name: text? } as "SELECT name FROM things WHERE name = :thing"
start state open { on "I {who: word}" -> 250 "hello" goto hall with box = trunk { owner: who } }
state hall has box, coat? {
    on "HANG {what: word}"          { reply 250 "it hangs"  stay with coat = what }
    on "PUT {what: word}"           { require size(box.things) < 5 else 552 "full"  add what to box.things  reply 250 "in"  stay }
    on "HOLE[ {coat: word}]"        { require coat is present else 550 "no"  reply 250 "go"  goto dressed }
#~ error[G04] 99..106: `dressed` has the fact `coat`, and this state does not
#~ help: write  goto dressed with coat = …
    on "GUARD[ {coat: word}]" when coat is present { reply 250 "{coat}"  stay }
#~ error[T05] 66..70: `coat` may be absent here
#~ help: ask first:  coat is present
    on "GUARDED[ {coat: word}]" when coat is present { reply 250 "go"  goto dressed }
    on "ROUTINE[ {coat: word}]"     { require coat is present else 550 "no"  run shown }
#~ error[G04] 82..87: the routine `shown` needs the fact `coat`, which may not exist here
#~ also under `coat`: it needs this
#~ help: run it where the state has that fact
    on "LET"                        { let coat = coat else "a hat"  reply 250 "{coat}"  goto dressed }
#~ error[G04] 94..101: `dressed` has the fact `coat`, and this state does not
#~ help: write  goto dressed with coat = …
    on "WITH"                       { let coat = coat else "a hat"  reply 250 "{coat}"  goto dressed with coat = coat }
    on "INNER"                      { if box.owner == "ann" { let coat = "a hat"  log info "{coat}" }  reply 250 "{coat}"  stay }
#~ error[T05] 116..120: `coat` may be absent here
#~ help: ask first:  coat is present
    on "KNOWN"                      { require coat is present else 550 "no"  if box.owner == "ann" { let coat = "a hat"  log info "{coat}" }  reply 250 "{coat}"  goto dressed }
    on "FIND"                       { find coat in box.things where coat == "hat"  require coat is present else 550 "no"  reply 250 "go"  goto dressed }
#~ error[G04] 144..151: `dressed` has the fact `coat`, and this state does not
#~ help: write  goto dressed with coat = …
    on "LOOP"                       { for each coat in box.things { log info "{coat}" }  reply 250 "{coat}"  stay }
#~ error[T05] 102..106: `coat` may be absent here
#~ help: ask first:  coat is present
    on "LIST"                       { reply 250 "all" listing each coat in box.things where coat != "hat" as "{coat}"  goto dressed }
#~ error[G04] 125..132: `dressed` has the fact `coat`, and this state does not
#~ help: write  goto dressed with coat = …
    on "TWO" {
        if box.owner == "ann" { find one in box.things where one == "hat"  require one is present else 550 "no"  log info "{one}" }
        find two in box.things where two == "coat"
        reply 250 "{two}"
#~ error[T05] 21..24: `two` may be absent here
#~ help: ask first:  two is present
        stay
    }
    on "ASK" {
        ask ask_for("hat") within 2 seconds {
            row(coat)   { require coat.name is present else 550 "no" }
            none        { reply 550 "no"  stay }
            failed(why) { log error "{why}"  reply 451 "later"  stay }
        }
        ask ask_for("hat") within 2 seconds {
            row(other)  { reply 250 "{other.name}"  stay }
#~ error[T05] 39..49: `other.name` may be absent here
#~ help: ask first:  other.name is present
            none        { reply 550 "no"  stay }
            failed(why) { log error "{why}"  reply 451 "later"  stay }
        }
    }
}
state dressed has coat { on "SHOW" -> 250 "{coat}" }
routine shown needs coat { reply 250 "{coat}"  stay }
#~ error[T05] 40..44: `coat` may be absent here
#~ help: ask first:  coat is present
anytime { on "QUIT" -> 221 "bye" close }
unexpected { out of order -> 503 "not now"  bad arguments -> 501 "how?"  unknown command -> 500 "what?" }
limits {
    line -> 500 "too long"  idle 5 minutes -> 421 "asleep?" close  session 1 hour -> 421 "enough" close
    shutdown -> 421 "closing" close  full -> 421 "full" close  broken -> 421 "our fault" close
}

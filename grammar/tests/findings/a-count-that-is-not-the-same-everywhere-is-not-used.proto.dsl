protocol a "A" version 1
wire { lines crlf at most 100 octets  reply "{code} {text}"  refusal 4xx 5xx }
sql put(id: word) gives nothing as
    "INSERT INTO names (id, seen) VALUES (:id, 1)"
    "  ON DUPLICATE KEY UPDATE seen = seen + 1"
sql set(id: word) gives nothing as "REPLACE INTO names (id, seen) VALUES (:id, 1)"
sql keep(id: word) gives nothing as
    "INSERT INTO names (id, seen) VALUES (:id, 1) ON CONFLICT (id) DO UPDATE SET seen = names.seen + 1"
start state a {
    on "PUT {w: word}" { ask put(w) within 2 seconds {
        done(n)     { let twice = n + n  reply 250 "{twice}"  stay }
#~ error[L13] 35..36: `n` is not the same number on every database
#~ help: write  ON CONFLICT … DO UPDATE  where the database knows it, or do without the number:  done { … }
#~ error[L13] 39..40: `n` is not the same number on every database
#~ help: write  ON CONFLICT … DO UPDATE  where the database knows it, or do without the number:  done { … }
        failed(why) -> 451 "{why}"
    } }
    on "SET {w: word}" { ask set(w) within 2 seconds {
        done(n)     { require n < 2 else 550 "There already"  reply 250 "Set"  stay }
#~ error[L13] 31..32: `n` is not the same number on every database
#~ help: write  ON CONFLICT … DO UPDATE  where the database knows it, or do without the number:  done { … }
        failed(why) -> 451 "{why}"
    } }
    on "KEEP {w: word}" { ask keep(w) within 2 seconds {
        done(n)     -> 250 "{n} kept"
        failed(why) -> 451 "{why}"
    } }
    on "SEEN {w: word}" { ask put(w) within 2 seconds {
        done(n)     { ask keep(w) within 2 seconds { done(n) -> 250 "{n} kept"  failed(why) -> 451 "{why}" } }
        failed(why) -> 451 "{why}"
    } }
    on "QUIT" -> 221 "Bye" close
}
unexpected { out of order -> 503 "No"  bad arguments -> 501 "No"  unknown command -> 500 "No" }
limits {
    line -> 500 "No"  idle 1 minute -> 421 "No" close  session 1 hour -> 421 "No" close
    shutdown -> 421 "No" close  full -> 421 "No" close  broken -> 421 "No" close
}

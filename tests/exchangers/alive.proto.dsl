# Asks every exchanger of a domain whether it is alive; the first that is ends the search, and all of them together
# have one budget.

protocol alive "who takes mail for a domain?" version 1 edition 1

settings { port : number = 25 }

wire { lines crlf at most 300 octets   reply "{code} {text}"   refusal 4xx 5xx }

start state open {
    on "ASK {name: domain}" {
        ask dig("MX", name) within 5 seconds {
            found(hosts) {
                for each host in hosts within 10 seconds {
                    ask mta_live(host, settings.port) within 4 seconds {
                        alive(banner)   { reply 250 "{host} says {banner}"  stay }
                        refused(status) { log info "{host} refused with {status}" }
                        strange         { log info "{host} is strange" }
                        failed(why)     { log info "{host}: {why}" }
                    }
                }
                reply 550 "nobody is there for {name}"
                stay
            }
            none        { reply 551 "nobody takes mail for {name}"  stay }
            failed(why) { reply 451 "cannot look up {name} just now"  stay }
        }
    }
    on "QUIT" -> 221 "bye" close
}

client mta_live(host: text, port: number) gives alive(banner: text) | refused(status: number) | strange {
    connect to host port port within 3 seconds
    await within 3 seconds {
        220 "{banner: text}" { send "QUIT"  give alive(banner) }
        4xx as status        { give refused(status) }
        5xx as status        { give refused(status) }
        otherwise            { give strange }
    }
}

unexpected { out of order -> 503 "not now"   bad arguments -> 501 "{usage}"   unknown command -> 500 "what?" }
limits {
    line -> 500 "too long"   idle 5 minutes -> 421 "asleep?" close   session 1 hour -> 421 "enough" close
    shutdown -> 421 "closing" close   full -> 421 "full" close   broken -> 421 "our fault" close
}

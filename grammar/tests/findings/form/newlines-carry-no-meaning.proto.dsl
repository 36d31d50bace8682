protocol sample version 1
anytime { on "A" ->
250
"x" goto
ready } state
ready

protocol headed version 1

/* OpenSMTPD lets five connections wait to be accepted, which is built in; when more come at once, the others try again
 * after seconds. Loaded before it, this lets as many wait as the other servers do. */
#include <sys/syscall.h>
#include <unistd.h>

int listen(int socket, int backlog) {
    (void)backlog;
    return (int)syscall(SYS_listen, socket, 1024);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The socket's name is a path, or begins with @ for one in the abstract name space.
 */
#include "service/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

enum { SEND_TIMEOUT_S = 1 }; /* a supervisor that does not read must not hold us up */
#define WATCHDOG_USEC_MAX (UINT64_C(86400) * 1000000)

void notify_supervisor(const char *state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = SEND_TIMEOUT_S};
    const char *name = getenv("NOTIFY_SOCKET");
    const size_t size = name != NULL ? strlen(name) : 0;
    if (size == 0 || size >= sizeof address.sun_path) {
        return;
    }
    memcpy(address.sun_path, name, size);
    if (name[0] == '@') {
        address.sun_path[0] = '\0';
    }
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
                     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size));
        (void)close(fd);
    }
}

int64_t notify_watchdog_ms(void)
{
    const char *every = getenv("WATCHDOG_USEC");
    const char *pid = getenv("WATCHDOG_PID");
    uint64_t usec = 0;
    uint64_t process = (uint64_t)getpid();
    if (every == NULL || !text_number(slice_text(every), WATCHDOG_USEC_MAX, &usec) ||
        (pid != NULL && !text_number(slice_text(pid), INT32_MAX, &process)) ||
        process != (uint64_t)getpid()) {
        return 0;
    }
    return (int64_t)(usec / 2000);
}

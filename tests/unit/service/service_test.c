/* SPDX-License-Identifier: Apache-2.0
 *
 * A tiny service, started as a process of its own (this program with "service" as its first
 * argument), is sent signals; its log says when it is ready for the next one, so nothing waits for
 * time to pass.
 */
#include "service/service.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bus/bus.h"
#include "service/observe.h"

enum { DEADLINE_MS = 30000, OUTPUT_MAX = 16 << 10, PATH_SIZE = 64 };

/* What the tiny service does wrong. */
enum mode { MODE_GOOD, MODE_START_FAILS, MODE_FAILS_LATER, MODE_STOP_HANGS, MODE_STUCK };

struct tiny_settings {
    struct service_settings service;
    int64_t mode;
};

static const struct setting table[] = {
    SERVICE_SETTINGS,
    {SETTING(struct tiny_settings, mode, NUMBER), "0", MODE_GOOD, MODE_STUCK, "What to do wrong."},
    {0},
};

static enum status tiny_start(struct service *service, struct error *error)
{
    const struct bus_limits limits = {1024, 10};
    struct bus_socket *socket;
    const struct tiny_settings *settings = service->settings;
    if (settings->mode == MODE_START_FAILS) {
        return error_set(error, STATUS_IO, "told to fail");
    }
    const enum status status = bus_bind(service->bus, "tcp://127.0.0.1:*", &limits, &socket, error);
    if (status == STATUS_OK) {
        service->state = socket;
    }
    if (settings->mode == MODE_FAILS_LATER) {
        service_fail(service);
    }
    if (settings->mode == MODE_STUCK) {
        static const _Atomic int64_t turned_ms = INT64_MIN / 2;
        service_watch_loop(service, &turned_ms);
    }
    return status;
}

static void tiny_stop(struct service *service)
{
    const struct tiny_settings *settings = service->settings;
    if (!service_stopping(service)) {
        abort();
    }
    if (settings->mode == MODE_STOP_HANGS) {
        (void)poll(NULL, 0, -1);
    }
    bus_close(service->state);
}

static const struct service_spec spec = {
    .name = "tiny",
    .summary = "does nothing, until it is told to stop",
    .settings = table,
    .settings_bytes = sizeof(struct tiny_settings),
    .start = tiny_start,
    .stop = tiny_stop,
};

static char folder[] = "/tmp/hoso-service-test-XXXXXX";

struct child {
    pid_t pid;
    int output; /* its stdout and stderr */
    char seen[OUTPUT_MAX];
    size_t size;
};

static void path_of(const char *name, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/%s", folder, name);
}

static void write_file(const char *name, mode_t mode, const char *text)
{
    char path[PATH_SIZE];
    path_of(name, path);
    (void)unlink(path);
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
}

static void write_config(enum mode mode)
{
    char text[512];
    (void)snprintf(
        text, sizeof text,
        "data = %s/data\nkey = %s/key\nregistry = %s/registry\nany_filesystem = 1\nmode = %d\n",
        folder, folder, folder, (int)mode);
    write_file("config", 0600, text);
}

static void write_keys(mode_t mode)
{
    struct bus_keys keys;
    char text[128];
    assert_int_equal(bus_keys_generate(&keys), STATUS_OK);
    (void)snprintf(text, sizeof text, "public = %s\nsecret = %s\n", keys.public_text,
                   keys.secret_text);
    write_file("key", mode, text);
}

static int set_up(void **state)
{
    (void)state;
    write_config(MODE_GOOD);
    write_keys(0600);
    write_file("registry", 0644, "");
    return 0;
}

static struct child *spawn(const char *option, const char *value)
{
    int fds[2];
    struct child *child = calloc(1, sizeof *child);
    assert_non_null(child);
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    child->pid = fork();
    assert_true(child->pid >= 0);
    if (child->pid == 0) {
        if (dup2(fds[1], STDOUT_FILENO) < 0 || dup2(fds[1], STDERR_FILENO) < 0) {
            _exit(99);
        }
        execl("/proc/self/exe", "tiny", "service", option, value, (char *)NULL);
        _exit(99);
    }
    assert_int_equal(close(fds[1]), 0);
    child->output = fds[0];
    return child;
}

static struct child *spawn_configured(enum mode mode)
{
    char path[PATH_SIZE];
    write_config(mode);
    path_of("config", path);
    return spawn("--config", path);
}

/* More of its output; false at the end. */
static bool read_more(struct child *child)
{
    struct pollfd item = {child->output, POLLIN, 0};
    if (poll(&item, 1, DEADLINE_MS) != 1) {
        (void)kill(child->pid, SIGKILL);
        fail_msg("it says nothing more after: %s", child->seen);
    }
    const ssize_t size =
        read(child->output, child->seen + child->size, OUTPUT_MAX - 1 - child->size);
    assert_true(size >= 0);
    child->size += (size_t)size;
    child->seen[child->size] = '\0';
    return size > 0;
}

static void await(struct child *child, const char *text)
{
    while (strstr(child->seen, text) == NULL) {
        if (!read_more(child)) {
            fail_msg("it never said %s: %s", text, child->seen);
        }
    }
}

static void signal_it(const struct child *child, int number)
{
    assert_int_equal(kill(child->pid, number), 0);
}

/* Its exit code, after `text` was among what it said. */
static void expect_exit(struct child *child, int code, const char *text)
{
    int result;
    while (read_more(child)) {
    }
    assert_int_equal(waitpid(child->pid, &result, 0), child->pid);
    if (!WIFEXITED(result) || WEXITSTATUS(result) != code || strstr(child->seen, text) == NULL) {
        fail_msg("it ended with %#x: %s", (unsigned)result, child->seen);
    }
    assert_int_equal(close(child->output), 0);
    free(child);
}

static void test_stops(void **state)
{
    (void)state;
    static const int numbers[] = {SIGTERM, SIGINT};
    for (size_t i = 0; i < 2; i++) {
        struct child *child = spawn_configured(MODE_GOOD);
        await(child, "service.started");
        signal_it(child, numbers[i]);
        expect_exit(child, 0, "service.stopped");
    }
}

static void test_reloads(void **state)
{
    (void)state;
    struct child *child = spawn_configured(MODE_GOOD);
    await(child, "service.started");
    write_file("registry", 0644, "[a]\n");
    signal_it(child, SIGHUP);
    await(child, "registry.refused");
    await(child, "[a]: role is missing");
    write_file("registry", 0644, "");
    signal_it(child, SIGHUP);
    await(child, "registry.reloaded");
    signal_it(child, SIGTERM);
    expect_exit(child, 0, "service.stopped");
}

static void test_second_signal(void **state)
{
    (void)state;
    struct child *child = spawn_configured(MODE_STOP_HANGS);
    await(child, "service.started");
    signal_it(child, SIGTERM);
    await(child, "service.stopping");
    signal_it(child, SIGTERM);
    expect_exit(child, 1, "service.aborted");
}

static struct sockaddr_in http_address;

/* On a loopback host made from our process id: nobody else takes its ports. Returns its text. */
static const char *choose_address(void)
{
    static char host[INET_ADDRSTRLEN];
    const in_addr_t address = INADDR_LOOPBACK + 4 * (in_addr_t)getpid();
    http_address = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(7311), .sin_addr = {htonl(address)}};
    return inet_ntop(AF_INET, &http_address.sin_addr, host, sizeof host);
}

static void expect_http(const char *path, const char *first_line, const char *text)
{
    static char talk[OUTPUT_MAX];
    size_t size = 0;
    ssize_t more = 0;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&http_address, sizeof http_address), 0);
    assert_true(dprintf(fd, "GET %s HTTP/1.0\r\n\r\n", path) > 0);
    do {
        size += (size_t)more;
        more = read(fd, talk + size, sizeof talk - 1 - size);
    } while (more > 0);
    talk[size] = '\0';
    assert_int_equal(close(fd), 0);
    if (strncmp(talk, first_line, strlen(first_line)) != 0 || strstr(talk, text) == NULL) {
        fail_msg("%s was answered: %s", path, talk);
    }
}

static void test_http_while_it_stops(void **state)
{
    (void)state;
    char path[PATH_SIZE];
    char text[512];
    (void)snprintf(text, sizeof text,
                   "data = %s/data\nkey = %s/key\nregistry = %s/registry\nmode = %d\n"
                   "http_listen = %s:7311\n",
                   folder, folder, folder, (int)MODE_STOP_HANGS, choose_address());
    write_file("config", 0600, text);
    path_of("config", path);
    struct child *child = spawn("--config", path);
    await(child, "service.started");
    expect_http("/livez", "HTTP/1.", "alive");
    expect_http("/readyz", "HTTP/1.", "\nready\n");
    expect_http("/metrics", "HTTP/1.", "\nhoso_ready 1\n");
    signal_it(child, SIGTERM);
    await(child, "service.stopping");
    expect_http("/livez", "HTTP/1.", "alive");
    expect_http("/readyz", "HTTP/1.", "not ready: it is stopping");
    expect_http("/metrics", "HTTP/1.", "\nhoso_ready 0\n");
    signal_it(child, SIGTERM);
    expect_exit(child, 1, "service.aborted");
}

static void test_watchdog(void **state)
{
    (void)state;
    struct child *child = spawn_configured(MODE_STOP_HANGS);
    await(child, "service.started");
    signal_it(child, SIGTERM);
    expect_exit(child, 1, "service.overdue");
}

enum { WATCHDOG_MS = 100, BEATS = 4, DATAGRAM_MAX = 64 };

/* The socket of a supervisor, which the children find in the environment. */
static int listen_as_supervisor(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval deadline = {.tv_sec = DEADLINE_MS / 1000};
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    path_of("notify", address.sun_path);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", address.sun_path, 1), 0);
    assert_int_equal(setenv("WATCHDOG_USEC", "200000", 1), 0);
    return fd;
}

/* Reads until `text` came; returns how many others came before. */
static unsigned await_notice(int fd, const char *text)
{
    char datagram[DATAGRAM_MAX];
    for (unsigned others = 0;; others++) {
        const ssize_t size = recv(fd, datagram, sizeof datagram - 1, 0);
        if (size < 0) {
            fail_msg("%s never came", text);
        }
        datagram[size] = '\0';
        if (strcmp(datagram, text) == 0) {
            return others;
        }
    }
}

/* Of a stuck service what was on its way when it became ready may still come; then only its end. */
static void test_supervisor(void **state)
{
    (void)state;
    const int fd = listen_as_supervisor();
    struct child *child = spawn_configured(MODE_GOOD);
    (void)await_notice(fd, "READY=1");
    for (unsigned i = 0; i < BEATS; i++) {
        assert_int_equal(await_notice(fd, "WATCHDOG=1"), 0);
    }
    signal_it(child, SIGTERM);
    (void)await_notice(fd, "STOPPING=1");
    expect_exit(child, 0, "service.stopped");
    child = spawn_configured(MODE_STUCK);
    (void)await_notice(fd, "READY=1");
    (void)poll(NULL, 0, BEATS * WATCHDOG_MS);
    signal_it(child, SIGTERM);
    assert_true(await_notice(fd, "STOPPING=1") <= 1);
    expect_exit(child, 0, "service.stopped");
    assert_int_equal(close(fd), 0);
}

static int tear_down_supervisor(void **state)
{
    char path[PATH_SIZE];
    (void)state;
    path_of("notify", path);
    (void)unlink(path);
    (void)unsetenv("NOTIFY_SOCKET");
    (void)unsetenv("WATCHDOG_USEC");
    return 0;
}

static void test_failures(void **state)
{
    (void)state;
    expect_exit(spawn_configured(MODE_START_FAILS), 1, "told to fail");
    expect_exit(spawn_configured(MODE_FAILS_LATER), 1, "stopped after a failure");
}

static void test_options(void **state)
{
    (void)state;
    char path[PATH_SIZE];
    path_of("config", path);
    expect_exit(spawn("--help", NULL), 0, "hoso-tiny [--config FILE]");
    expect_exit(spawn("--version", NULL), 0, "tiny " HOSO_VERSION);
    expect_exit(spawn("--print-sample", NULL), 0, ";mode = 0");
    expect_exit(spawn("--print-man", NULL), 0, ".It Cm mode Pq Ev HOSO_TINY_MODE");
    expect_exit(spawn(NULL, NULL), 2, "setting \"data\" is missing");
    expect_exit(spawn("--nonsense", NULL), 2, "nonsense");
    expect_exit(spawn("--config", NULL), 2, "--config");
    expect_exit(spawn("--check", NULL), 2, "Or set HOSO_TINY_DATA.");
    expect_exit(spawn("--config=/nowhere", NULL), 2, "tiny: cannot open /nowhere: No such file");
    (void)snprintf(path, sizeof path, "--config=%s/config", folder);
    expect_exit(spawn(path, "--check"), 0, "are sound");
    expect_exit(spawn(path, "--health"), 1, "tiny answers nothing");
    expect_exit(spawn(path, "--ready"), 1, "tiny answers nothing");
    expect_exit(spawn(path, "--print-config"), 0, "/config:5\n");
    expect_exit(spawn(path, "more"), 2, "\"more\" is one argument too many");
}

/* One variable of the environment that the children get. */
static void set_variable(const char *name, const char *file)
{
    char path[PATH_SIZE];
    path_of(file, path);
    assert_int_equal(setenv(name, path, 1), 0);
}

static void test_environment(void **state)
{
    (void)state;
    set_variable("HOSO_TINY_DATA", "data");
    set_variable("HOSO_TINY_KEY", "key");
    expect_exit(spawn(NULL, NULL), 2, "tiny: setting \"registry\" is missing");
    set_variable("HOSO_TINY_REGISTRY", "registry");
    struct child *child = spawn(NULL, NULL);
    await(child, "service.started");
    signal_it(child, SIGTERM);
    expect_exit(child, 0, "service.stopped");
    set_variable("HOSO_TINY_MOOD", "3");
    expect_exit(spawn(NULL, NULL), 2, "did you mean HOSO_TINY_MODE?");
}

static int tear_down_environment(void **state)
{
    (void)state;
    static const char *const names[] = {"DATA", "KEY", "REGISTRY", "MOOD"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char variable[CONFIG_VARIABLE_MAX];
        config_variable("tiny", names[i], variable);
        (void)unsetenv(variable);
    }
    return 0;
}

static void test_configuration(void **state)
{
    (void)state;
    write_keys(0640);
    expect_exit(spawn_configured(MODE_GOOD), 2, "/key: has mode 0640, too open");
    write_keys(0600);
    write_file("registry", 0644, "[A]\n");
    expect_exit(spawn_configured(MODE_GOOD), 2, "/registry:1: [A]: a name has");
}

static void remove_folder(void)
{
    static const char *const names[] = {"config", "key", "registry"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[PATH_SIZE];
        path_of(names[i], path);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "service") == 0) {
        argv[1] = argv[0];
        return service_run(argc - 1, argv + 1, &spec);
    }
    if (mkdtemp(folder) == NULL) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_stops, set_up),
        cmocka_unit_test_setup(test_reloads, set_up),
        cmocka_unit_test_setup(test_second_signal, set_up),
        cmocka_unit_test_setup(test_http_while_it_stops, set_up),
        cmocka_unit_test_setup(test_watchdog, set_up),
        cmocka_unit_test_setup_teardown(test_supervisor, set_up, tear_down_supervisor),
        cmocka_unit_test_setup(test_failures, set_up),
        cmocka_unit_test_setup(test_options, set_up),
        cmocka_unit_test_setup(test_configuration, set_up),
        cmocka_unit_test_setup_teardown(test_environment, set_up, tear_down_environment),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove_folder();
    return failed;
}

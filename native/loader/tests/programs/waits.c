// Threads that wait in the kernel in every usual way, half of them for a while again and again. None may see EINTR, and
// none may wait less than it asked for, whatever happens to the program's code.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { PERIOD_MS = 30 };

static atomic_int interrupted, early, ended, turns, started;
static atomic_long longest_ms;
static int input[2], listener, word = 1;
static struct sockaddr_un address = {.sun_family = AF_UNIX};

__attribute__((noinline)) int value(void) { return 0; }

static long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void check(const char *name, long result) {
    if (result < 0 && errno == EINTR) {
        fprintf(stderr, "%s was interrupted\n", name);
        interrupted++;
    }
}

// One wait for at most `ms`, for ever if that is negative.
static void wait_once(int kind, int ms) {
    struct timespec t = {ms / 1000, ms % 1000 * 1000000L};
    struct epoll_event event = {.events = EPOLLIN};
    struct pollfd in = {input[0], POLLIN, 0};
    int e;
    char c;
    switch (kind) {
    case 0:
        e = epoll_create1(0);
        epoll_ctl(e, EPOLL_CTL_ADD, input[0], &event);
        check("epoll_wait", epoll_wait(e, &event, 1, ms));
        close(e);
        break;
    case 1: check("poll", poll(&in, 1, ms)); break;
    case 2: check("futex", syscall(SYS_futex, &word, FUTEX_WAIT, 1, ms < 0 ? 0 : &t, 0, 0)); break;
    case 3: t.tv_sec = ms < 0 ? 3600 : t.tv_sec; check("nanosleep", nanosleep(&t, 0)); break;
    case 4: check("read", read(input[0], &c, 1)); break;
    case 5: check("accept", accept(listener, 0, 0)); break;
    }
}

static void *run(void *number) {
    long n = (long)number;
    int is_timed = n % 2;
    started++;
    // Waits in the C library's own calls: what syscall(2) is asked for is told apart in LIMITS.
    static const int timed[] = {0, 1, 3};
    while (is_timed && word) {
        long before = now_ms();
        wait_once(timed[n / 2 % 3], PERIOD_MS);
        long took = now_ms() - before;
        if (word && took < PERIOD_MS - 1) early++;
        if (word && took > longest_ms) longest_ms = took;
        value();
        turns++;
    }
    static const int untimed[] = {0, 1, 2, 4, 5};
    if (!is_timed) wait_once(untimed[n / 2 % 5], -1);
    ended++;
    return 0;
}

int main(int argc, char **argv) {
    int count = argc > 1 ? atoi(argv[1]) : 32;
    if (pipe(input)) return 2;
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path + 1, 80, "nx-hotpatch-waits-%d", getpid());
    if (bind(listener, (void *)&address, sizeof address) || listen(listener, 64)) return 3;
    pthread_t threads[256];
    for (long i = 0; i < count; i++) pthread_create(&threads[i], 0, run, (void *)i);
    while (started < count) usleep(1000);
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        printf("%d\n", value());
        fflush(stdout);
    }
    __atomic_store_n(&word, 0, 5);
    syscall(SYS_futex, &word, FUTEX_WAKE, 1000, 0, 0, 0);
    for (int i = 0; i < count; i++) {
        if (write(input[1], "xx", 2) != 2) return 4;
        int client = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(client, (void *)&address, sizeof address)) return 5;
    }
    for (int i = 0; i < count; i++) pthread_join(threads[i], 0);
    printf("interrupted %d early %d ended %d turns %d longest %ld\n", interrupted, early, ended, turns > 0, longest_ms);
}

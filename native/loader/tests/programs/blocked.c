// A thread in each kind of wait. No wait may end before it was meant to, whatever happens to the program's code.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static atomic_int early;
static atomic_int ended;
static atomic_int turns;
static int pipes[8][2];
static int word = 1;
static sem_t semaphore;
static int listener;

__attribute__((noinline)) int value(void) { return 0; }

static void check(const char *name, long result) {
    if (result < 0 && errno == EINTR) {
        fprintf(stderr, "%s was interrupted\n", name);
        atomic_fetch_add(&early, 1);
    }
    atomic_fetch_add(&ended, 1);
}

static void *in_poll(void *u) { struct pollfd p = {pipes[0][0], POLLIN, 0}; check("poll", poll(&p, 1, -1)); return u; }
static void *in_read(void *u) { char c; check("read", read(pipes[1][0], &c, 1)); return u; }
static void *in_select(void *u) { fd_set s; FD_ZERO(&s); FD_SET(pipes[2][0], &s); check("select", select(pipes[2][0] + 1, &s, 0, 0, 0)); return u; }
static void *in_epoll(void *u) {
    int e = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(e, EPOLL_CTL_ADD, pipes[3][0], &event);
    check("epoll_wait", epoll_wait(e, &event, 1, -1));
    return u;
}
static void *in_futex(void *u) { long r; while ((r = syscall(SYS_futex, &word, FUTEX_WAIT, 1, 0, 0, 0)) == 0 && __atomic_load_n(&word, 5) == 1); check("futex", r); return u; }
static void *in_semaphore(void *u) { check("sem_wait", sem_wait(&semaphore)); return u; }
static void *in_accept(void *u) { check("accept", accept(listener, 0, 0)); return u; }
static void *in_sleep(void *u) { struct timespec t = {2, 0}; check("nanosleep", nanosleep(&t, 0)); return u; }

// Waits for moments only, so that a signal meant for a running thread often meets a wait that has just begun.
static void *in_turns(void *u) {
    int e = epoll_create1(0);
    struct epoll_event event;
    struct timespec t = {0, 1000};
    while (__atomic_load_n(&word, 5) == 1) {
        if (poll(0, 0, 1) < 0 || epoll_wait(e, &event, 1, 1) < 0 || nanosleep(&t, 0) < 0) {
            fprintf(stderr, "a short wait was interrupted\n");
            atomic_fetch_add(&early, 1);
        }
        value();
        atomic_fetch_add(&turns, 1);
    }
    return u;
}

int main(void) {
    for (int i = 0; i < 8; i++) if (pipe(pipes[i])) return 2;
    sem_init(&semaphore, 0, 0);
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path + 1, 80, "nx-hotpatch-test-%d", getpid());
    if (bind(listener, (void *)&address, sizeof address) || listen(listener, 1)) return 3;
    void *(*waits[])(void *) = {in_poll, in_read, in_select, in_epoll, in_futex, in_semaphore, in_accept, in_sleep, in_turns, in_turns, in_turns, in_turns};
    const int count = sizeof waits / sizeof *waits;
    pthread_t threads[sizeof waits / sizeof *waits];
    for (int i = 0; i < count; i++) pthread_create(&threads[i], 0, waits[i], 0);
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        printf("%d %d\n", value(), atomic_load(&early));
        fflush(stdout);
    }
    for (int i = 0; i < 4; i++) if (write(pipes[i][1], "x", 1) != 1) return 4;
    __atomic_store_n(&word, 0, 5);
    syscall(SYS_futex, &word, FUTEX_WAKE, 1, 0, 0, 0);
    sem_post(&semaphore);
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(client, (void *)&address, sizeof address)) return 5;
    for (int i = 0; i < count; i++) pthread_join(threads[i], 0);
    printf("early %d ended %d\n", atomic_load(&early), atomic_load(&ended));
}

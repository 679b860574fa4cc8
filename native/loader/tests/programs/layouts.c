// Holds on to one function, `parse`, in every way in which a program can, beside threads that wait and a thread that runs, or
// eight when there is an argument.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

typedef int (*function)(int);

static atomic_int stop, let_go, inside, interrupted, ended, waiting;
static int ends[2], idle[2], word = 1;
static function *heap;
static volatile function in_static;

__attribute__((noinline)) int value(void) { return 0; }

// Called by the program and by patches: waits in the kernel or runs, until it is told to end.
__attribute__((noinline, used)) int stay(int runs) {
    char c = 0;
    atomic_fetch_add(&inside, 1);
    if (runs == 2) return 0;
    if (runs) while (!let_go);
    else if (read(ends[0], &c, 1) != 1) return -1;
    return c;
}
__attribute__((noinline)) int parse(int runs) { return stay(runs) + 1; }
#ifdef IN_DATA
// In the middle of pages that nobody touches.
__attribute__((used)) static function in_data[32768] = {[16384] = parse};
#endif
__attribute__((noinline)) int other(int runs) { return stay(runs) + 2; }
// Ends in a call that does not return, so that what the call would return to is the function's end.
__attribute__((noinline, noreturn, used)) void finish(int runs) { stay(runs); pthread_exit(0); }
__attribute__((noinline, noreturn)) void endless(int runs) { finish(runs); }
__attribute__((noinline)) function pointer(void) { return parse; }

// What is left on the stack below would look as if it was in use, once something is called that leaves it unwritten.
__attribute__((noinline)) static void forget(void) {
    volatile char stack[65536];
    for (unsigned i = 0; i < sizeof stack; i++) stack[i] = 0;
}

// In a register and nowhere else.
__attribute__((noinline)) static void in_register(void) {
    unsigned long held = (unsigned long)pointer();
    asm volatile(
        "mov %[held], %%r12\n xor %k[held], %k[held]\n"
        "lock incl %[inside]\n"
        "1: pause\n cmpl $0, %[stop]\n je 1b\n"
        "xor %%r12d, %%r12d\n"
        : [held] "+r"(held), [inside] "+m"(inside)
        : [stop] "m"(let_go)
        : "r12", "cc", "memory");
}

static void in_vector_register(void) {
    unsigned long held = (unsigned long)pointer();
    asm volatile(
        "movq %[held], %%xmm9\n xor %k[held], %k[held]\n"
        "lock incl %[inside]\n"
        "1: pause\n cmpl $0, %[stop]\n je 1b\n"
        "pxor %%xmm9, %%xmm9\n"
        : [held] "+r"(held), [inside] "+m"(inside)
        : [stop] "m"(let_go)
        : "xmm9", "cc", "memory");
}

static void block_question(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMAX - 3);
    pthread_sigmask(SIG_BLOCK, &set, 0);
    stay(0);
}

static void on_alternate_stack(void (*run)(void)) {
    stack_t stack = {.ss_size = 65536};
    stack.ss_sp = calloc(1, stack.ss_size);
    sigaltstack(&stack, 0);
    run();
    stack.ss_flags = SS_DISABLE;
    sigaltstack(&stack, 0);
    memset(stack.ss_sp, 0, stack.ss_size);
    free(stack.ss_sp);
}

// Has been in `parse`, far down on the stack.
__attribute__((noinline)) static int below(void) {
    volatile char room[32768];
    room[0] = 1;
    return parse(2) + room[0];
}

// The thread that does what a letter says.
static void *worker(void *letter) {
    pthread_setname_np(pthread_self(), "worker");
    switch ((char)(long)letter) {
    case 'w': parse(0); break;
    case 'r': parse(1); break;
    case 'o': other(0); break;
    case 'n': forget(); endless(0);
    case 'p': in_register(); break;
    case 'v': in_vector_register(); break;
    case 'a': on_alternate_stack(in_register); break;
    case 'b': block_question(); break;
    case 'g': below(); inside = 0; stay(0); break;
    }
    forget();
    return 0;
}

// A stack with a guard that is no mapping of its own, where the kernel has such.
static void own_stack(pthread_attr_t *attributes) {
    enum { INSTALL_GUARD = 102, SIZE = 1 << 20, PAGE = 4096 };
    char *memory = mmap(0, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    // Below the guard, in the same mapping, is something else.
    if (madvise(memory + PAGE, PAGE, INSTALL_GUARD)) mprotect(memory + PAGE, PAGE, PROT_NONE);
    memory[0] = 1;
    pthread_attr_setstack(attributes, memory + 2 * PAGE, SIZE - 2 * PAGE);
}

static void check(const char *name, long result) {
    if (result >= 0 || errno != EINTR) return;
    fprintf(stderr, "%s was interrupted\n", name);
    atomic_fetch_add(&interrupted, 1);
}

static void *waiter(void *kind) {
    struct epoll_event event = {.events = EPOLLIN};
    struct pollfd in = {idle[0], POLLIN, 0};
    struct timespec hour = {3600, 0};
    sigset_t set;
    char c;
    int e = epoll_create1(0);
    epoll_ctl(e, EPOLL_CTL_ADD, idle[0], &event);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    waiting++;
    switch ((long)kind) {
    case 0: check("epoll_wait", epoll_wait(e, &event, 1, -1)); break;
    case 1: check("poll", poll(&in, 1, -1)); break;
    case 2: check("futex", syscall(SYS_futex, &word, FUTEX_WAIT, 1, 0, 0, 0)); break;
    case 3: check("read", read(idle[0], &c, 1)); break;
    case 4: check("nanosleep", nanosleep(&hour, 0)); break;
    case 5: check("sigtimedwait", sigtimedwait(&set, 0, &hour)); break;
    }
    ended++;
    return 0;
}

static void *busy(void *u) {
    waiting++;
    while (!stop) for (int i = 0; i < 1000; i++) value();
    return u;
}

enum { MOST = 8, WAITERS = 6 };

int main(int argc, char **argv) {
    int count = WAITERS + (argc > 1 ? MOST : 1);
    pthread_attr_t attributes;
    pthread_t thread, threads[MOST + WAITERS];
    char line[64];
    if (pipe(ends) || pipe(idle)) return 2;
    heap = calloc(1, 4096);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, 0);
    for (long i = 0; i < WAITERS; i++) pthread_create(&threads[i], 0, waiter, (void *)i);
    for (long i = WAITERS; i < count; i++) pthread_create(&threads[i], 0, busy, 0);
    while (waiting < count) usleep(1000);
    while (fgets(line, sizeof line, stdin)) {
        int answer = 1;
        switch (line[0]) {
        case '?': answer = value(); break;
        case 'h': heap[100] = pointer(); break;
        case 's': in_static = pointer(); break;
        case 'f': memset(heap, 0, 4096); in_static = 0; break;
        case 'e':
            atomic_store(&let_go, 1);
            if (write(ends[1], "", 1) != 1) return 3;
            pthread_join(thread, 0);
            // What nobody has read.
            struct pollfd left = {ends[0], POLLIN, 0};
            if (poll(&left, 1, 0) == 1 && read(ends[0], line, 1) != 1) return 4;
            break;
        default:
            atomic_store(&inside, 0);
            atomic_store(&let_go, 0);
            pthread_attr_init(&attributes);
            if (line[0] == 'g') own_stack(&attributes);
            pthread_create(&thread, &attributes, worker, (void *)(long)line[0]);
            while (!inside) usleep(100);
        }
        forget();
        printf("%d\n", answer);
        fflush(stdout);
    }
    stop = 1;
    printf("interrupted %d ended %d\n", interrupted, ended);
    fflush(stdout);
    _exit(0);
}

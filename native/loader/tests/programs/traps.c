// Has a SIGTRAP handler of its own, and can start a thread that blocks SIGTRAP.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile int traps;

__attribute__((noinline)) int value(void) { return 0; }

static void on_trap(int signal) { traps++; }

static void *blocking(void *unused) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTRAP);
    pthread_sigmask(SIG_BLOCK, &set, 0);
    printf("blocking\n");
    fflush(stdout);
    for (;;) pause();
    return unused;
}

// Blocks all signals, as libraries do on threads of their own, and calls for ever.
static volatile int last;
static int (*volatile through_a_pointer)(void) = value;
static void *calling(void *unused) {
    sigset_t set;
    sigfillset(&set);
    pthread_sigmask(SIG_SETMASK, &set, 0);
    printf("calling\n");
    fflush(stdout);
    for (;;) last = through_a_pointer();
    return unused;
}

int main(void) {
    signal(SIGTRAP, on_trap);
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        if (line[0] == 'b') {
            pthread_t thread;
            pthread_create(&thread, 0, blocking, 0);
            continue;
        }
        if (line[0] == 'c') {
            pthread_t thread;
            pthread_create(&thread, 0, calling, 0);
            continue;
        }
        if (line[0] == 'l') {
            usleep(1000);
            printf("%d\n", last);
            fflush(stdout);
            continue;
        }
        if (line[0] == 't') __asm__ volatile("int3");
        if (line[0] == 'k') raise(SIGTRAP);
        if (line[0] == 'd') { signal(SIGTRAP, SIG_DFL); __asm__ volatile("int3"); }
        printf("%d %d\n", value(), traps);
        fflush(stdout);
    }
}

// Eight threads call two functions for ever. Each value that any of them returns must be at least the one before:
// no thread may get an old answer after a new one.
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static atomic_long calls;
static atomic_int wrong;
static atomic_int stop;
static atomic_int hold;

__attribute__((noinline)) int first(void) { atomic_fetch_add(&calls, 1); return 0; }
__attribute__((noinline)) int second(int at_least) { return at_least < 0 ? -1 : 0; }

int (*volatile through_a_pointer)(int) = second;

static void *run(void *unused) {
    int last = 0;
    while (!stop) {
        while (hold) usleep(1000);
        int a = first();
        int b = through_a_pointer(a);
        if (a < last || b < a) atomic_fetch_add(&wrong, 1);
        last = b;
    }
    return unused;
}

// Takes longer than a patch, so that patches meet threads inside of it.
static void on_tick(int signal) {
    for (volatile int i = 0; i < 200000; i++);
}

int main(int argc, char **argv) {
    int count = argc > 1 ? atoi(argv[1]) : 8;
    pthread_t threads[64];
    for (int i = 0; i < count; i++) pthread_create(&threads[i], 0, run, 0);
    if (argc > 2) {
        struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
        struct itimerval often = {{0, 1000}, {0, 1000}};
        sigaction(SIGPROF, &action, 0);
        setitimer(ITIMER_PROF, &often, 0);
    }
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        if (line[0] != '?') {
            hold = strcmp(line, "hold\n") == 0;
            continue;
        }
        int answer = first();
        printf("%d %d %d\n", answer, atomic_load(&wrong), atomic_load(&calls) > 0);
        fflush(stdout);
    }
    stop = 1;
    for (int i = 0; i < count; i++) pthread_join(threads[i], 0);
    printf("wrong %d\n", atomic_load(&wrong));
}

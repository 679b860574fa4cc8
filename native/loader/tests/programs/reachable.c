// Holds on to code in every way in which a program can: a pointer in memory, a pointer in disguise, a thread that waits
// in it, a thread that runs in it.
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int (*function)(void);

static atomic_int stop;
static atomic_int inside;
static int ends[2];
static function *kept;
static uintptr_t disguised;

__attribute__((noinline)) int value(void) { return 0; }
__attribute__((noinline)) function pointer(void) { return value; }
// Called by patches.
__attribute__((noinline, used)) int wait_here(void) {
    char c;
    atomic_fetch_add(&inside, 1);
    return read(ends[0], &c, 1);
}
__attribute__((noinline, used)) atomic_int *stopping(void) {
    atomic_fetch_add(&inside, 1);
    return &stop;
}
__attribute__((noinline)) int waits(void) { return wait_here(); }
__attribute__((noinline)) int runs(void) {
    stopping();
    while (!stop);
    return 0;
}

// The stack of a thread that has ended is kept for the next one, with all that it held.
__attribute__((noinline)) static void forget(void) {
    volatile char stack[16384];
    for (unsigned i = 0; i < sizeof stack; i++) stack[i] = 0;
}

static void *in_waits(void *u) { waits(); forget(); return u; }
static void *in_runs(void *u) { runs(); forget(); return u; }

static void hold(void *(*run)(void *), pthread_t *thread) {
    atomic_store(&inside, 0);
    atomic_store(&stop, 0);
    pthread_create(thread, 0, run, 0);
    while (!inside) usleep(100);
}

int main(void) {
    pthread_t thread;
    char line[64];
    if (pipe(ends)) return 2;
    kept = malloc(4096);
    while (fgets(line, sizeof line, stdin)) {
        int answer = 1;
        switch (line[0]) {
        case '?': answer = value(); break;
        case 'k': kept[100] = pointer(); break;
        case 'f': memset(kept, 0, 4096); break;
        case 'd': disguised = ~(uintptr_t)pointer(); break;
        case 'c': answer = ((function)~disguised)(); break;
        case 'w': hold(in_waits, &thread); break;
        case 'r': hold(in_runs, &thread); break;
        case 'e':
            atomic_store(&stop, 1);
            if (write(ends[1], "x", 1) != 1) return 3;
            pthread_join(thread, 0);
            if (inside) break;
        }
        printf("%d\n", answer);
        fflush(stdout);
    }
}

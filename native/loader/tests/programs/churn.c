// Four threads start and join threads all the time; each of those calls one function once.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

static atomic_int stop;
static atomic_long seen[3];

__attribute__((noinline)) long value(void) { return 0; }

// Called by nobody.
__attribute__((noinline, used)) long unused(void) { return 1; }

long (*volatile call)(void) = value;

static void *once(void *unused) {
    long answer = call();
    // 0 before any patch, 101 after: the first call in a thread that starts with 100.
    atomic_fetch_add(&seen[answer == 0 ? 0 : answer == 101 ? 1 : 2], 1);
    return unused;
}

static void *churn(void *unused) {
    while (!stop) {
        pthread_t thread;
        if (pthread_create(&thread, 0, once, 0) == 0) pthread_join(thread, 0);
    }
    return unused;
}

int main(void) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], 0, churn, 0);
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        printf("%d\n", atomic_load(&seen[1]) > 0);
        fflush(stdout);
    }
    stop = 1;
    for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
    printf("wrong %ld\n", atomic_load(&seen[2]));
}

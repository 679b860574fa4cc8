// Threads call a function for ever while it gets new code and its own again. One thread can be kept inside of it.
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static atomic_int wrong;
static atomic_int stop;
sem_t gate;

__attribute__((noinline)) int version(void) { return 0; }
// Its second half is the half of the version that was entered.
__attribute__((noinline)) int waiting(void) {
    while (sem_wait(&gate)) {}
    return 0;
}

int (*volatile through_a_pointer)(void) = version;

static void *run(void *unused) {
    while (!stop) {
        int seen = through_a_pointer();
        if (seen < 0 || seen > 2) atomic_fetch_add(&wrong, 1);
    }
    return unused;
}

static void *enter(void *result) {
    *(int *)result = waiting();
    return result;
}

int main(void) {
    pthread_t threads[8], inside;
    int result = -1;
    sem_init(&gate, 0, 0);
    for (int i = 0; i < 8; i++) pthread_create(&threads[i], 0, run, 0);
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        if (strcmp(line, "enter\n") == 0) {
            pthread_create(&inside, 0, enter, &result);
            printf("entered\n");
        } else if (strcmp(line, "leave\n") == 0) {
            sem_post(&gate);
            pthread_join(inside, 0);
            printf("%d\n", result);
        } else {
            printf("%d\n", version());
        }
        fflush(stdout);
    }
    stop = 1;
    for (int i = 0; i < 8; i++) pthread_join(threads[i], 0);
    printf("wrong %d\n", atomic_load(&wrong));
}

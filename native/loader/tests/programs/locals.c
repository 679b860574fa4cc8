// Threads from before and after a patch call one function; each says what it returned.
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>

__attribute__((noinline)) long value(void) { return 0; }

long (*volatile call)(void) = value;

const long table[2] __attribute__((aligned(16))) = {5, 6};

static sem_t go, done;
static long answer;

static void *serve(void *unused) {
    for (;;) {
        sem_wait(&go);
        answer = call();
        sem_post(&done);
    }
    return unused;
}

static long from_server(void) {
    sem_post(&go);
    sem_wait(&done);
    return answer;
}

static void *once(void *unused) {
    return (void *)call();
}

int main(void) {
    pthread_t thread;
    sem_init(&go, 0, 0);
    sem_init(&done, 0, 0);
    pthread_create(&thread, 0, serve, 0);
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        void *young;
        pthread_t fresh;
        pthread_create(&fresh, 0, once, 0);
        pthread_join(fresh, &young);
        printf("main %ld old %ld young %ld table %ld\n", call(), from_server(), (long)young, ((volatile const long *)table)[1]);
        fflush(stdout);
    }
}

// Forks on request while another thread runs all the time; parent and children say what `value` is.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noinline)) int value(void) { return 0; }

int (*volatile call)(void) = value;

static void *busy(void *unused) {
    for (;;) call();
    return unused;
}

int main(void) {
    pthread_t thread;
    pthread_create(&thread, 0, busy, 0);
    char line[64];
    int to_child[2];
    pid_t child = 0;
    while (fgets(line, sizeof line, stdin)) {
        if (line[0] == 'f') {
            if (pipe(to_child)) return 2;
            child = fork();
            if (child == 0) {
                close(to_child[1]);
                char c;
                while (read(to_child[0], &c, 1) == 1) {
                    printf("child %d\n", call());
                    fflush(stdout);
                }
                _exit(0);
            }
            close(to_child[0]);
            printf("forked %d\n", child);
        } else if (line[0] == 'c') {
            if (write(to_child[1], "?", 1) != 1) return 3;
            continue;
        } else if (line[0] == 'm') {
            // Many at once, each ending at once.
            for (int i = 0; i < 20; i++) {
                pid_t one = fork();
                if (one == 0) _exit(call() < 0);
                int status;
                waitpid(one, &status, 0);
                if (status) return 4;
            }
            printf("many\n");
        } else {
            printf("parent %d\n", call());
        }
        fflush(stdout);
    }
    if (child) { close(to_child[1]); waitpid(child, 0, 0); }
}

// Loads the libraries that it is given the paths of, one for each line that is a number, and asks the first.
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static int (*ask)(void);

static void *on_a_thread(void *unused) {
    (void)unused;
    return (void *)(long)ask();
}

int main(int count, char **arguments) {
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        int wanted = atoi(line);
        pthread_t thread;
        void *answer = NULL;
        if (wanted > 0 && wanted < count) {
            void *library = dlopen(arguments[wanted], RTLD_NOW);
            if (library == NULL) printf("%s\n", dlerror());
            else {
                if (ask == NULL) ask = (int (*)(void))dlsym(library, "ask");
                // Who closes a library may not take it from under its patches.
                dlclose(library);
                printf("loaded\n");
            }
        } else if (line[0] == 't') {
            pthread_create(&thread, NULL, on_a_thread, NULL);
            pthread_join(thread, &answer);
            printf("%ld\n", (long)answer);
        } else {
            printf("%d\n", ask());
        }
        fflush(stdout);
    }
}

/*
 * Preloaded into a test program: holds it before `main`, and can run `main` any number of times in one process.
 *
 * Each byte on descriptor 3 asks for a round: main runs on a new thread, and a byte on descriptor 4, the exit code, says
 * that the round is over. The end of the pipe ends the process.
 *
 * A round is over when main returns, or when its thread asks the process to exit, as libtest does after a failed test.
 * std lets one thread only leave a program: from the second round on it parks the thread in pause(2)
 * (`sys/exit_guard.rs`), which is the end of the round too, with a code that nobody knows. That thread is told by the address of its `errno`, so the
 * thread of a round is never ended: it sleeps until the process ends.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

typedef int (*main_function)(int, char **, char **);
typedef int (*start_function)(main_function, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

enum { COMMANDS = 3, ANSWERS = 4, UNKNOWN = 255 };

static main_function program;
static int argument_count;
static char **arguments;
static char **environment;
static __thread int in_round;

static void sleep_for_good(void) {
    int (*real)(void) = (int (*)(void))dlsym(RTLD_NEXT, "pause");
    for (;;) real();
}

static void end_round(int code) {
    unsigned char answer = (unsigned char)code;
    in_round = 0;
    if (write(ANSWERS, &answer, 1) != 1) _exit(1);
    sleep_for_good();
}

static void *run_round(void *unused) {
    (void)unused;
    in_round = 1;
    end_round(program(argument_count, arguments, environment));
    return NULL;
}

static int wait_for_commands(int count, char **argv, char **envp) {
    char command;
    argument_count = count;
    arguments = argv;
    environment = envp;
    while (read(COMMANDS, &command, 1) == 1) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, run_round, NULL) != 0) _exit(1);
    }
    _exit(0);
}

int __libc_start_main(main_function main, int argc, char **argv, void (*init)(void), void (*fini)(void),
                      void (*rtld_fini)(void), void *stack_end) {
    start_function real = (start_function)dlsym(RTLD_NEXT, "__libc_start_main");
    /* What the tests start is not to be held. */
    unsetenv("LD_PRELOAD");
    fcntl(COMMANDS, F_SETFD, FD_CLOEXEC);
    fcntl(ANSWERS, F_SETFD, FD_CLOEXEC);
    program = main;
    return real(wait_for_commands, argc, argv, init, fini, rtld_fini, stack_end);
}

void exit(int code) {
    void (*real)(int) = (void (*)(int))dlsym(RTLD_NEXT, "exit");
    if (in_round) end_round(code);
    real(code);
    _exit(code);
}

int pause(void) {
    int (*real)(void) = (int (*)(void))dlsym(RTLD_NEXT, "pause");
    if (in_round) end_round(UNKNOWN);
    return real();
}

/*
 * Preloaded into every process of a task (LD_PRELOAD): names each step by which a process changes what others can see
 * (files, sockets, memory protection, processes), and makes one of them the last, or fail.
 *
 *     FAULT_TRACE   file to which `<role>\t<step>\n` is appended before each step
 *     FAULT_AT      `<role>\t<step>`: where it happens, the first time that any process gets there
 *     FAULT_ACTION  `kill`, or the number of an errno: from then on everything that takes room on the disk fails with it
 *     FAULT_STATE   path: `<path>.hit` is made when it happens, `<path>.over` ends it; while `<path>.rebuild` is there,
 *                   names of steps begin with `rebuild: `
 *     FAULT_ROOT    folder that is left out of names, and that is the disk; the file of events lies on another
 *
 * A step is a libc call, taken before it is made. Names have nothing random in them, so that a step has the same name in
 * every run. When a process comes to it a second time, it is another step (`again ...`): the first is done then. Nothing
 * here allocates: some calls come from signal handlers.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONGEST 1024

/* Gives the errno with which the step is to fail, or 0. `takes_room`: a full disk stops it. `path` can be null. */
int fault_step(int takes_room, const char *what, const char *path);

/* The process has the fault's variables, or is one that hot patching started (`program`). */
extern int fault_ready, fault_program;

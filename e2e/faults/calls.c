/* The libc calls that are steps. Each asks `fault_step` first, and then the real one. */
#include "step.h"

#include <dlfcn.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

static unsigned frames[2], forks, memory;

/* A path that is relative to a descriptor is named by its last part; what matters is the change, not the place. */
static int path_step(int takes_room, const char *what, const char *path) {
  if (!fault_ready || !path || !strncmp(path, "/dev/", 5) || (!strncmp(path, "/proc/", 6) && !strstr(path, "/fd/"))) return 0;
  return fault_step(takes_room, what, path);
}

/* 1 for the socket of a session. */
static int is_session(int fd) {
  struct sockaddr_un name;
  for (int peer = 0; peer < 2; peer++) {
    socklen_t length = sizeof name;
    memset(&name, 0, sizeof name);
    int found = peer ? getpeername(fd, (void *)&name, &length) : getsockname(fd, (void *)&name, &length);
    if (found == 0 && name.sun_family == AF_UNIX && strstr(name.sun_path, "session.sock")) return 1;
  }
  return 0;
}

static int transfer_step(int out, int fd) {
  if (!fault_ready) return 0;
  struct stat status;
  if (fstat(fd, &status)) return 0;
  if (S_ISSOCK(status.st_mode)) {
    /* How often a long message is read for is chance. */
    if (frames[out] >= 6 || !is_session(fd)) return 0;
    char what[32];
    snprintf(what, sizeof what, "%s %u", out ? "send" : "receive", ++frames[out]);
    return fault_step(0, what, 0);
  }
  if (!out || fd < 3 || !S_ISREG(status.st_mode)) return 0;
  char link[64], path[LONGEST];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = 0;
  return path_step(1, "write", path);
}

static void *resolve(void **known, const char *name) {
  if (*known == NULL) *known = dlsym(RTLD_NEXT, name);
  return *known;
}

#define REAL(name) ((__typeof__(real_##name))resolve((void **)&real_##name, #name))
#define FAIL_IF(call)       \
  do {                      \
    int failed = call;      \
    if (failed) {           \
      errno = failed;       \
      return -1;            \
    }                       \
  } while (0)

#define WRITES(flags) ((flags) & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR))
#define MODE(flags)                                     \
  mode_t mode = 0;                                      \
  if ((flags) & (O_CREAT | __O_TMPFILE)) {              \
    va_list more;                                       \
    va_start(more, flags);                              \
    mode = va_arg(more, mode_t);                        \
    va_end(more);                                       \
  }

#define OPEN(name)                                                            \
  static int (*real_##name)(const char *, int, ...);                          \
  int name(const char *path, int flags, ...) {                                \
    MODE(flags)                                                               \
    if (WRITES(flags)) FAIL_IF(path_step(1, "open", path));                   \
    return REAL(name)(path, flags, mode);                                     \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                          \
  static int (*real_##name)(int, const char *, int, ...);                     \
  int name(int folder, const char *path, int flags, ...) {                    \
    MODE(flags)                                                               \
    if (WRITES(flags)) FAIL_IF(path_step(1, "open", path));                   \
    return REAL(name)(folder, path, flags, mode);                             \
  }
OPENAT(openat)
OPENAT(openat64)

#define FOPEN(name)                                                           \
  static FILE *(*real_##name)(const char *, const char *);                    \
  FILE *name(const char *path, const char *how) {                             \
    int failed = strpbrk(how, "wa+") ? path_step(1, "open", path) : 0;        \
    if (failed) {                                                             \
      errno = failed;                                                         \
      return NULL;                                                            \
    }                                                                         \
    return REAL(name)(path, how);                                             \
  }
FOPEN(fopen)
FOPEN(fopen64)

#define CALL(room, name, what, path, parameters, arguments)                   \
  static int(*real_##name) parameters;                                        \
  int name parameters {                                                       \
    FAIL_IF(path_step(room, what, path));                                     \
    return REAL(name) arguments;                                              \
  }
CALL(1, rename, "rename to", to, (const char *from, const char *to), (from, to))
CALL(1, renameat, "rename to", to, (int a, const char *from, int b, const char *to), (a, from, b, to))
CALL(1, link, "link", to, (const char *from, const char *to), (from, to))
CALL(1, linkat, "link", to, (int a, const char *from, int b, const char *to, int flags), (a, from, b, to, flags))
CALL(1, symlink, "link", to, (const char *from, const char *to), (from, to))
CALL(0, unlink, "remove", path, (const char *path), (path))
CALL(0, unlinkat, "remove", path, (int folder, const char *path, int flags), (folder, path, flags))
CALL(0, rmdir, "remove folder", path, (const char *path), (path))
CALL(1, mkdir, "make folder", path, (const char *path, mode_t mode), (path, mode))
CALL(1, mkdirat, "make folder", path, (int folder, const char *path, mode_t mode), (folder, path, mode))
CALL(0, chmod, "mode of", path, (const char *path, mode_t mode), (path, mode))

static char *(*real_mkdtemp)(char *);
char *mkdtemp(char *template) {
  int failed = path_step(1, "make folder", template);
  if (failed) {
    errno = failed;
    return NULL;
  }
  return REAL(mkdtemp)(template);
}

#define TRANSFER(out, name, parameters, arguments)                            \
  static ssize_t(*real_##name) parameters;                                    \
  ssize_t name parameters {                                                   \
    FAIL_IF(transfer_step(out, fd));                                          \
    return REAL(name) arguments;                                              \
  }
TRANSFER(1, write, (int fd, const void *from, size_t size), (fd, from, size))
TRANSFER(1, writev, (int fd, const struct iovec *from, int count), (fd, from, count))
TRANSFER(1, pwrite64, (int fd, const void *from, size_t size, off64_t place), (fd, from, size, place))
TRANSFER(1, pwrite, (int fd, const void *from, size_t size, off_t place), (fd, from, size, place))
TRANSFER(1, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
TRANSFER(1, send, (int fd, const void *from, size_t size, int flags), (fd, from, size, flags))
TRANSFER(0, read, (int fd, void *to, size_t size), (fd, to, size))
TRANSFER(0, recv, (int fd, void *to, size_t size, int flags), (fd, to, size, flags))
TRANSFER(0, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags))

static int (*real_ftruncate64)(int, off64_t);
int ftruncate64(int fd, off64_t size) {
  FAIL_IF(transfer_step(1, fd));
  return REAL(ftruncate64)(fd, size);
}

static int (*real_bind)(int, const struct sockaddr *, socklen_t);
int bind(int fd, const struct sockaddr *name, socklen_t length) {
  if (name->sa_family == AF_UNIX) FAIL_IF(path_step(1, "bind", ((const struct sockaddr_un *)name)->sun_path));
  return REAL(bind)(fd, name, length);
}

static int (*real_connect)(int, const struct sockaddr *, socklen_t);
int connect(int fd, const struct sockaddr *name, socklen_t length) {
  if (name->sa_family == AF_UNIX) path_step(0, "connect", ((const struct sockaddr_un *)name)->sun_path);
  return REAL(connect)(fd, name, length);
}

static int (*real_accept4)(int, struct sockaddr *, socklen_t *, int);
int accept4(int fd, struct sockaddr *name, socklen_t *length, int flags) {
  if (is_session(fd)) fault_step(0, "accept", 0);
  return REAL(accept4)(fd, name, length, flags);
}

/* Only the program's: everybody else asks for memory for purposes of its own. */
static void memory_step(const char *what, int protection) {
  if (!fault_program || memory > 200) return;
  char name[64];
  snprintf(name, sizeof name, "%s %u to %d", what, ++memory, protection);
  fault_step(0, name, 0);
}

static int (*real_mprotect)(void *, size_t, int);
int mprotect(void *start, size_t size, int protection) {
  memory_step("protect", protection);
  return REAL(mprotect)(start, size, protection);
}

#define MMAP(name, offset)                                                                        \
  static void *(*real_##name)(void *, size_t, int, int, int, offset);                             \
  void *name(void *start, size_t size, int protection, int flags, int fd, offset place) {         \
    memory_step("map", protection);                                                               \
    return REAL(name)(start, size, protection, flags, fd, place);                                 \
  }
MMAP(mmap, off_t)
MMAP(mmap64, off64_t)

static void fork_step(void) {
  char name[32];
  snprintf(name, sizeof name, "start process %u", ++forks);
  fault_step(0, name, 0);
}

static pid_t (*real_fork)(void);
pid_t fork(void) {
  fork_step();
  return REAL(fork)();
}

#define SPAWN(name)                                                                                            \
  static int (*real_##name)(pid_t *, const char *, const posix_spawn_file_actions_t *,                         \
                            const posix_spawnattr_t *, char *const[], char *const[]);                          \
  int name(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *how, \
           char *const words[], char *const environment[]) {                                                   \
    fork_step();                                                                                               \
    return REAL(name)(pid, path, actions, how, words, environment);                                            \
  }
SPAWN(posix_spawn)
SPAWN(posix_spawnp)

static long (*real_syscall)(long, ...);
long syscall(long number, ...) {
  va_list more;
  va_start(more, number);
  long a = va_arg(more, long), b = va_arg(more, long), c = va_arg(more, long), d = va_arg(more, long),
       e = va_arg(more, long), f = va_arg(more, long);
  va_end(more);
  if (number == SYS_membarrier) memory_step("membarrier", (int)a);
  if (number == SYS_tgkill || number == SYS_rt_tgsigqueueinfo) memory_step("signal a thread", (int)c);
  return REAL(syscall)(number, a, b, c, d, e, f);
}

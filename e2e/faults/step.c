#include "step.h"

#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>

#define SEEN 65536

static char role[64];
static const char *at, *root, *trace;
static char hit[LONGEST], over[LONGEST], rebuild[LONGEST];
int fault_ready, fault_program;
static int action;
static uint64_t seen[SEEN];

static long raw(long number, long a, long b, long c, long d) {
  long result;
  register long r10 __asm__("r10") = d;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
  return result;
}

static const char *base(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static const char *variable(char **environment, const char *name) {
  for (; *environment; environment++)
    if (!strncmp(*environment, name, strlen(name))) return *environment + strlen(name);
  return NULL;
}

/* What a process is called in the trace: by its program, and by what its arguments say that it does. */
static void name_role(const char *when) {
  static char exe[LONGEST], arguments[1 << 16];
  ssize_t length = readlink("/proc/self/exe", exe, sizeof exe - 1);
  exe[length < 0 ? 0 : length] = 0;
  snprintf(role, sizeof role, "%.60s", base(exe));
  int file = raw(SYS_open, (long)"/proc/self/cmdline", O_RDONLY, 0, 0);
  length = file < 0 ? 0 : raw(SYS_read, file, (long)arguments, sizeof arguments - 1, 0);
  if (file >= 0) raw(SYS_close, file, 0, 0, 0);
  const char *crate = "";
  for (char *word = arguments, *next; word < arguments + length; word = next) {
    next = word + strlen(word) + 1;
    size_t size = strlen(word);
    int script = size > 3 && (!strcmp(word + size - 3, ".js") || !strcmp(word + size - 4, ".mjs"));
    if (!strcmp(role, "node") && script) snprintf(role, sizeof role, "%.*s", (int)(strcspn(base(word), ".")), base(word));
    if (!strcmp(word, "--crate-name") && next < arguments + length) crate = next;
  }
  if (!strcmp(role, "executor-child")) strcpy(role, "session");
  if (*crate && (!strcmp(role, "rustc") || !strcmp(role, "rustc-wrapper"))) {
    size_t end = strlen(role);
    if (!strcmp(role, "rustc")) end += snprintf(role + end, sizeof role - end, " %s", when);
    snprintf(role + end, sizeof role - end, " %s", crate);
  }
}

/* A word with a digit, or with small and capital letters, is a number, a hash or random; all words of an incremental
   session's folder (`s-<time>-<random>-<hash>`) are. */
static int is_random(const char *word, size_t length, int in_session) {
  int digit = 0, small = 0, capital = 0;
  for (size_t i = 0; i < length; i++) {
    digit |= word[i] >= '0' && word[i] <= '9';
    small |= word[i] >= 'a' && word[i] <= 'z';
    capital |= i > 0 && word[i] >= 'A' && word[i] <= 'Z';
  }
  if (in_session && length > 1 && strncmp(word, "working", 7) && strncmp(word, "lock", 4) && strncmp(word, "draft", 5))
    return 1;
  return digit || (small && capital);
}

static void name_path(const char *path, char *to, size_t room) {
  size_t prefix = root ? strlen(root) : 0;
  if (prefix && !strncmp(path, root, prefix)) path += prefix;
  int in_session = 0;
  for (char *end = to + room - 1; *path && to < end;) {
    size_t length = strcspn(path, "/-._");
    if (is_random(path, length, in_session)) {
      *to++ = '#';
    } else {
      size_t fits = length < (size_t)(end - to) ? length : (size_t)(end - to);
      memcpy(to, path, fits);
      to += fits;
    }
    path += length;
    if (*path == '/') in_session = !strncmp(path, "/s-", 3);
    if (*path && to < end) *to++ = *path++;
  }
  *to = 0;
}

static int exists(const char *path) {
  return raw(SYS_access, (long)path, F_OK, 0, 0) == 0;
}

static uint64_t hash_of(const char *text) {
  uint64_t hash = 14695981039346656037u;
  for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 1099511628211u;
  return hash;
}

/* How often this process has come to a step before: 0, 1, or 2 for more often. */
static int times_before(const char *name) {
  uint64_t hash = hash_of(name);
  for (int times = 0; times < 2; times++) {
    uint64_t *slot = &seen[(hash + times) % SEEN];
    if (*slot == hash + times) continue;
    *slot = hash + times;
    return times;
  }
  return 2;
}

/* Opened each time: a descriptor that stays would be closed by whoever closes all that it does not know. */
static void append(const char *name) {
  int file = raw(SYS_open, (long)trace, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600, 0);
  if (file < 0) return;
  char line[LONGEST + 160];
  int length = snprintf(line, sizeof line, "%s\n", name);
  raw(SYS_write, file, (long)line, length, 0);
  raw(SYS_close, file, 0, 0, 0);
}

/* The folder of the task, and what is named without saying where: rustc and the linker work in there. */
static int on_disk(const char *path) {
  if (!path || strstr(path, "events.jsonl")) return 0;
  return path[0] != '/' || !strncmp(path, "/proc/self/fd/", 14) || (root && !strncmp(path, root, strlen(root)));
}

int fault_step(int takes_room, const char *what, const char *path) {
  if (!fault_ready) return 0;
  char plain[LONGEST], name[LONGEST + 128];
  plain[0] = 0;
  if (path) {
    plain[0] = ' ';
    name_path(path, plain + 1, sizeof plain - 1);
  }
  const char *phase = exists(rebuild) ? "rebuild: " : "";
  snprintf(name, sizeof name, "%s\t%s%s%s", role, phase, what, plain);
  int times = times_before(name);
  if (times == 1) snprintf(name, sizeof name, "%s\t%sagain %s%s", role, phase, what, plain);
  if (trace && times < 2) append(name);
  if (at && times < 2 && !strcmp(at, name)) {
    int made = raw(SYS_open, (long)hit, O_CREAT | O_EXCL | O_WRONLY, 0600, 0);
    if (made >= 0) {
      raw(SYS_close, made, 0, 0, 0);
      if (action == 0) raw(SYS_kill, getpid(), SIGKILL, 0, 0);
    }
  }
  return action != 0 && takes_room && on_disk(path) && exists(hit) && !exists(over) ? action : 0;
}

/* First of all constructors (`-z initfirst`), so that the loader's own is seen: before libc knows the environment. */
__attribute__((constructor)) static void begin(int count, char **words, char **environment) {
  (void)count, (void)words;
  const char *state = variable(environment, "FAULT_STATE="), *how = variable(environment, "FAULT_ACTION=");
  trace = variable(environment, "FAULT_TRACE=");
  if (!trace && !state) return;
  fault_program = variable(environment, "NX_HOTPATCH_SOCKET=") != NULL;
  name_role(variable(environment, "NX_HOTPATCH_RUN=") ? "capture" : "replay");
  root = variable(environment, "FAULT_ROOT=");
  at = state ? variable(environment, "FAULT_AT=") : NULL;
  action = how && strcmp(how, "kill") ? atoi(how) : 0;
  snprintf(hit, sizeof hit, "%s.hit", state ? state : "");
  snprintf(over, sizeof over, "%s.over", state ? state : "");
  snprintf(rebuild, sizeof rebuild, "%s.rebuild", state ? state : "");
  fault_ready = 1;
  fault_step(0, "begin", 0);
}

__attribute__((destructor)) static void finish(void) {
  fault_step(0, "end", 0);
}

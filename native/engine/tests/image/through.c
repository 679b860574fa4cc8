/* A frame with a landing pad: its cleanup counts, also when an exception passes. */
typedef void callback(void);

static int landed;
static __thread int depth = 40;

__attribute__((noinline)) static void land(int *unused) { landed += 1; }

int calls(void) { return landed; }

int deeper(void) { return depth += 2; }

__attribute__((noinline)) void through(callback *call) {
  __attribute__((cleanup(land))) int guard = 0;
  call();
}

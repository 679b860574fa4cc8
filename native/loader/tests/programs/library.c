// Loaded by host.c. `value` is patched.
__thread int seen = 100;

__attribute__((noinline)) int value(void) { return 1; }

int ask(void) {
    seen += 1;
    return seen * 1000 + value();
}

/*
 * Linked into a shared library that is to be patched in the process of a host, which brings it into memory by dlopen(3).
 *
 * Without the loader, which the session preloads into the host, none of this does anything.
 */

/*
 * An initial-exec access to a thread-local of its own: by that the dynamic linker gives all thread-locals of the library
 * their place in the static block, at one distance from the thread pointer in every thread (ELF Handling For
 * Thread-Local Storage, 5.5 and 3.4.2: DF_STATIC_TLS). Patches refer to them by that distance, as those of a program do.
 */
static __thread char anchor __attribute__((tls_model("initial-exec")));

/* The loader's, see os/library.rs. `inside` lies in the library, `local` is the anchor of the calling thread. */
void nx_hotpatch_library_loaded(const void *inside, const void *local) __attribute__((weak));

/* Runs in dlopen, before the host can call any function of the library. */
static void announce(void) {
  if (nx_hotpatch_library_loaded) nx_hotpatch_library_loaded((const void *)&announce, &anchor);
}

__attribute__((used, section(".init_array"))) static void (*const entry)(void) = announce;

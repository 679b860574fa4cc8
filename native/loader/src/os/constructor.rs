//! Runs before `main`, as a constructor of a needed library does (gABI, "Initialization and Termination Functions").

#[used]
#[link_section = ".init_array"]
static CONSTRUCTOR: extern "C" fn() = construct;

extern "C" fn construct() {
    // Before anything can throw, and in every process: this library stands in the C library's place there.
    crate::os::unwind::prepare();
    crate::os::crash::prepare();
    crate::os::masks::prepare();
    // Nothing unwinds into the dynamic linker.
    let _ = std::panic::catch_unwind(crate::start::start_from_environment);
}

//! What differs from processor to processor. With `os/`, the only place where unsafe code may stand.
#[cfg(not(target_arch = "x86_64"))]
compile_error!("the loader runs on x86_64 alone");

mod x86_64;
pub use x86_64::*;

mod tls_pool;
pub use tls_pool::*;

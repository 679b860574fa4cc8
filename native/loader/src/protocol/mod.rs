//! The loader's end of the protocol in `native/protocol/README.md`.
pub mod crash;
pub mod frame;
pub mod messages;

/// The protocol's version. Both ends must speak the same one.
pub const PROTOCOL: u32 = 2;

/// The version of this loader, which is the version of the whole package.
pub const LOADER: &str = env!("CARGO_PKG_VERSION");

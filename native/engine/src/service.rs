//! The engine as a service: one JSON request in, one JSON reply (and perhaps bytes) out.
//!
//! The session talks to the engine through this door only. What lives longer than a call stays on this side and is
//! named by an integer handle, so that no pointer ever crosses the border.

use serde::Deserialize;

/// `json` is the reply; `bytes` goes with it when an operation makes a file (a patch image), else it is empty.
#[derive(Debug, Default)]
pub struct Reply {
    pub json: String,
    pub bytes: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
enum Request {
    /// Which engine this is.
    Version,
}

/// Runs one request. May be called from any thread, several at a time.
///
/// # Errors
/// One plain sentence for the user: a request that is not one of ours, or why the operation failed.
pub fn call(request: &str) -> Result<Reply, String> {
    let request: Request = serde_json::from_str(request)
        .map_err(|error| format!("The request to the engine is not understood: {error}."))?;
    match request {
        Request::Version => Ok(Reply {
            json: format!(r#"{{"version":"{}"}}"#, env!("CARGO_PKG_VERSION")),
            bytes: Vec::new(),
        }),
    }
}

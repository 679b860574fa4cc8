//! The C face of the engine: two functions and one struct, declared again in `native/addon/binding.cc`.
//!
//! This crate is the engine's only `unsafe` floor. It turns pointers into slices, slices into pointers, and a
//! panic into an error reply, so that nothing unwinds into C++ (which would be undefined behaviour).

use std::panic::{catch_unwind, AssertUnwindSafe};

use hotpatch_engine::service::{self, Reply};

/// Owned by this crate from `nxhp_call` until `nxhp_reply_free`; C++ only reads it.
/// A buffer of length 0 may have a dangling pointer: look at the length first.
#[repr(C)]
pub struct NxhpReply {
    /// UTF-8: the reply as JSON when `ok` is 1, the error as one plain sentence when `ok` is 0.
    pub json: *mut u8,
    pub json_len: usize,
    /// Raw bytes that go with the reply (a patch image); length 0 when there are none.
    pub bytes: *mut u8,
    pub bytes_len: usize,
    pub ok: i32,
}

/// Runs one request. Blocks until it is done: call it off the JavaScript thread. Any thread may call.
///
/// # Safety
/// `request` points at `len` readable bytes (or `len` is 0); `out` is valid for one write. Whatever `out` held
/// before is overwritten, not freed.
#[no_mangle]
pub unsafe extern "C" fn nxhp_call(request: *const u8, len: usize, out: *mut NxhpReply) {
    let request: &[u8] = if len == 0 {
        &[]
    } else {
        // SAFETY: the caller promises `len` readable bytes, and does not write them during the call.
        unsafe { std::slice::from_raw_parts(request, len) }
    };
    // AssertUnwindSafe: a panicking operation may leave its own handle half-changed, and the service is
    // answerable for that (its locks are poisoned); nothing of this frame is looked at afterwards.
    let result = catch_unwind(AssertUnwindSafe(|| answer(request)))
        .unwrap_or_else(|panic| Err(format!("The engine panicked: {}.", panic_text(&*panic))));
    let (text, bytes, ok) = match result {
        Ok(Reply { json, bytes }) => (json, bytes, 1),
        Err(message) => (message, Vec::new(), 0),
    };
    let (json, json_len) = into_raw(text.into_bytes());
    let (bytes, bytes_len) = into_raw(bytes);
    // SAFETY: the caller promises that `out` is valid for one write.
    unsafe {
        out.write(NxhpReply {
            json,
            json_len,
            bytes,
            bytes_len,
            ok,
        })
    };
}

/// Frees what `nxhp_call` wrote and empties the struct, so that a second call is harmless.
///
/// # Safety
/// `reply` is null, or valid and filled by `nxhp_call` or by this function.
#[no_mangle]
pub unsafe extern "C" fn nxhp_reply_free(reply: *mut NxhpReply) {
    // SAFETY: null is allowed and filtered here; otherwise the caller promises a valid struct.
    let Some(reply) = (unsafe { reply.as_mut() }) else {
        return;
    };
    // SAFETY: both pairs came from `into_raw` and are freed once, as they are emptied right below.
    unsafe {
        free_raw(reply.json, reply.json_len);
        free_raw(reply.bytes, reply.bytes_len);
    }
    (reply.json, reply.json_len) = into_raw(Vec::new());
    (reply.bytes, reply.bytes_len) = into_raw(Vec::new());
}

fn answer(request: &[u8]) -> Result<Reply, String> {
    let request = std::str::from_utf8(request)
        .map_err(|error| format!("The request to the engine is not UTF-8: {error}."))?;
    service::call(request)
}

/// What `panic!` was given, as far as it is text.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

/// A boxed slice has capacity equal to length, so pointer and length are enough to free it.
fn into_raw(bytes: Vec<u8>) -> (*mut u8, usize) {
    let len = bytes.len();
    (Box::into_raw(bytes.into_boxed_slice()).cast(), len)
}

/// # Safety
/// `start` and `len` came from `into_raw` and were not freed since.
unsafe fn free_raw(start: *mut u8, len: usize) {
    // SAFETY: exactly the boxed slice that `into_raw` let go of.
    drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(start, len)) });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls as C++ does, and gives `(ok, text, bytes)`.
    fn call(request: &[u8]) -> (i32, String, Vec<u8>) {
        let mut reply = std::mem::MaybeUninit::uninit();
        // SAFETY: a live slice and a place for one reply; the reply is read before it is freed.
        unsafe {
            nxhp_call(request.as_ptr(), request.len(), reply.as_mut_ptr());
            let mut reply = reply.assume_init();
            let text = std::slice::from_raw_parts(reply.json, reply.json_len).to_vec();
            let bytes = std::slice::from_raw_parts(reply.bytes, reply.bytes_len).to_vec();
            nxhp_reply_free(&mut reply);
            nxhp_reply_free(&mut reply);
            (
                reply.ok,
                String::from_utf8(text).expect("text is UTF-8"),
                bytes,
            )
        }
    }

    #[test]
    fn a_request_is_answered_in_json() {
        let (ok, json, bytes) = call(br#"{"op":"version"}"#);
        assert_eq!((ok, bytes.len()), (1, 0));
        assert!(json.contains(env!("CARGO_PKG_VERSION")), "{json}");
    }

    #[test]
    fn a_bad_request_is_an_error_in_words() {
        for request in [&b"{"[..], b"", b"\xff", br#"{"op":"no-such-op"}"#] {
            let (ok, message, _) = call(request);
            assert_eq!(ok, 0, "{message}");
            assert!(!message.is_empty());
        }
    }

    #[test]
    fn freeing_null_is_harmless() {
        // SAFETY: null is allowed.
        unsafe { nxhp_reply_free(std::ptr::null_mut()) };
    }
}

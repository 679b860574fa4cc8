//! The loader's reading of what comes over the socket.

use super::Target;
use crate::mutate::Form;
use nx_hotpatch_loader::protocol::frame::{self, FrameError};
use nx_hotpatch_loader::protocol::messages::{FromLoader, Milliseconds};

pub const TARGET: Target = Target {
    name: "protocol",
    run: |data| drop(read(data)),
    reaches: read,
    form: Form::Frames,
};

/// All frames of a stream. What was understood is written and read again, and must be the same.
fn read(data: &[u8]) -> Result<(), String> {
    let mut stream = data;
    while !stream.is_empty() {
        let (kind, payload) =
            frame::read_frame(&mut stream, frame::LONGEST).map_err(|e| e.to_string())?;
        let said = frame::from_loader(kind, &payload);
        let known = said.is_ok();
        let asked = frame::from_session(kind, payload);
        if let Ok(message) = &without_times(said) {
            let bytes = frame::encode_from_loader(message).expect("a frame of what was one");
            let (kind, payload) =
                frame::read_frame(&mut &*bytes, frame::LONGEST).expect("a whole frame");
            let again = frame::from_loader(kind, &payload).expect("what was written is read");
            assert_eq!(again, *message);
        }
        if let Ok(message) = &asked {
            let bytes = frame::encode_from_session(message).expect("a frame of what was one");
            let again = frame::read_message(&mut &*bytes, frame::LONGEST);
            assert_eq!(again.expect("what was written is read"), *message);
        }
        if !known && asked.is_err() {
            return Err(format!("type {kind} is understood by nobody"));
        }
    }
    Ok(())
}

/// Times are fractions, and `serde_json` reads those to the last bit only when asked to, which nobody needs here.
fn without_times(message: Result<FromLoader, FrameError>) -> Result<FromLoader, FrameError> {
    let mut message = message?;
    if let FromLoader::Applied(applied) = &mut message {
        applied.pause_us = 0.0;
        applied.ms = Milliseconds {
            load: 0.0,
            apply: 0.0,
        };
    }
    Ok(message)
}

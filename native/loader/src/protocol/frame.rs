//! Frames: `u32 LE length`, `u8 type`, payload; the length counts the type and the payload.
#![forbid(unsafe_code)]

use std::fmt;
use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use super::messages::{
    ApplyHead, FromLoader, FromSession, Greeting, Hello, PatchId, Refused, Unloaded,
};

/// A longer frame is an error of the sender, not something to make room for.
pub const LONGEST: u32 = 256 << 20;

const HELLO: u8 = 1;
const WELCOME: u8 = 2;
const APPLY: u8 = 3;
const APPLIED: u8 = 4;
const REFUSED: u8 = 5;
const UNDO: u8 = 6;
const UNDONE: u8 = 7;
const GO: u8 = 8;
const UNLOAD: u8 = 9;
const UNLOADED: u8 = 10;
pub const CRASHED: u8 = 11;

/// Why the bytes on a connection are no frame. None of these can be recovered from: the connection ends.
#[derive(Debug)]
pub enum FrameError {
    Io(io::Error),
    /// The announced length is 0 or above the limit.
    Length(u32),
    /// The type is unknown, or is not one that this direction carries.
    Type(u8),
    Payload(String),
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the connection failed: {error}"),
            Self::Length(length) => {
                write!(f, "a frame of {length} bytes is outside of 1 to {LONGEST}")
            }
            Self::Type(kind) => write!(f, "frame type {kind} is not expected here"),
            Self::Payload(what) => write!(f, "a frame's payload cannot be read: {what}"),
        }
    }
}

impl std::error::Error for FrameError {}

impl From<io::Error> for FrameError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads one frame's type and payload. `limit` bounds the length, so that a peer that has not shown its token yet
/// cannot make the program reserve memory.
pub fn read_frame(from: &mut impl Read, limit: u32) -> Result<(u8, Vec<u8>), FrameError> {
    let mut head = [0; 4];
    from.read_exact(&mut head)?;
    let length = u32::from_le_bytes(head);
    if length == 0 || length > limit.min(LONGEST) {
        return Err(FrameError::Length(length));
    }
    let mut kind = [0; 1];
    from.read_exact(&mut kind)?;
    // Grows with what really arrives: a large announced length alone costs nothing.
    let mut payload = Vec::new();
    let expected = u64::from(length - 1);
    if from.take(expected).read_to_end(&mut payload)? as u64 != expected {
        return Err(FrameError::Io(io::ErrorKind::UnexpectedEof.into()));
    }
    Ok((kind[0], payload))
}

/// Reads one message of the session.
pub fn read_message(from: &mut impl Read, limit: u32) -> Result<FromSession, FrameError> {
    let (kind, payload) = read_frame(from, limit)?;
    from_session(kind, payload)
}

/// The protocol that a session speaks by its Welcome, whatever else that says: only one's own is known to have the
/// other fields. None for another frame.
pub fn protocol_of_welcome(kind: u8, payload: &[u8]) -> Result<Option<u32>, FrameError> {
    match kind {
        WELCOME => Ok(Some(json::<Greeting>(payload)?.protocol)),
        _ => Ok(None),
    }
}

pub fn write_message(to: &mut impl Write, message: &FromLoader) -> Result<(), FrameError> {
    to.write_all(&encode_from_loader(message)?)?;
    Ok(to.flush()?)
}

/// Decodes a frame of the direction session to loader.
pub fn from_session(kind: u8, payload: Vec<u8>) -> Result<FromSession, FrameError> {
    Ok(match kind {
        WELCOME => FromSession::Welcome(json(&payload)?),
        APPLY => {
            let (head, image) = split(&payload)?;
            FromSession::Apply {
                patch: json::<ApplyHead>(head)?.patch,
                image: image.to_vec(),
            }
        }
        REFUSED => FromSession::Refused(json(&payload)?),
        UNDO => FromSession::Undo(json(&payload)?),
        GO => FromSession::Go(json(&payload)?),
        UNLOAD => FromSession::Unload(json(&payload)?),
        other => return Err(FrameError::Type(other)),
    })
}

/// Decodes a frame of the direction loader to session, as the session would.
pub fn from_loader(kind: u8, payload: &[u8]) -> Result<FromLoader, FrameError> {
    Ok(match kind {
        HELLO => FromLoader::Hello(json::<Hello>(payload)?),
        APPLIED => FromLoader::Applied(json(payload)?),
        REFUSED => FromLoader::Refused(json::<Refused>(payload)?),
        UNDONE => FromLoader::Undone(json::<PatchId>(payload)?),
        UNLOADED => FromLoader::Unloaded(json::<Unloaded>(payload)?),
        CRASHED => {
            let (head, stack) = split(payload)?;
            FromLoader::Crashed {
                crash: json(head)?,
                stack: stack.to_vec(),
            }
        }
        other => return Err(FrameError::Type(other)),
    })
}

pub fn encode_from_loader(message: &FromLoader) -> Result<Vec<u8>, FrameError> {
    match message {
        FromLoader::Hello(hello) => encode(HELLO, hello),
        FromLoader::Applied(applied) => encode(APPLIED, applied),
        FromLoader::Refused(refused) => encode(REFUSED, refused),
        FromLoader::Undone(undone) => encode(UNDONE, undone),
        FromLoader::Unloaded(unloaded) => encode(UNLOADED, unloaded),
        FromLoader::Crashed { crash, stack } => encode_with_bytes(CRASHED, crash, stack),
    }
}

/// Encodes a frame of the session; the tests and tools that play the session's part need it.
pub fn encode_from_session(message: &FromSession) -> Result<Vec<u8>, FrameError> {
    match message {
        FromSession::Welcome(welcome) => encode(WELCOME, welcome),
        FromSession::Apply { patch, image } => {
            encode_with_bytes(APPLY, &ApplyHead { patch: *patch }, image)
        }
        FromSession::Refused(refused) => encode(REFUSED, refused),
        FromSession::Undo(undo) => encode(UNDO, undo),
        FromSession::Go(go) => encode(GO, go),
        FromSession::Unload(unload) => encode(UNLOAD, unload),
    }
}

/// `u32 LE jsonLength`, JSON, bytes.
fn split(payload: &[u8]) -> Result<(&[u8], &[u8]), FrameError> {
    let short = || FrameError::Payload("it ends before its JSON does".into());
    let (length, rest) = payload.split_first_chunk::<4>().ok_or_else(short)?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
        .ok_or_else(short)
}

fn encode_with_bytes<T: Serialize>(
    kind: u8,
    message: &T,
    bytes: &[u8],
) -> Result<Vec<u8>, FrameError> {
    let head = serde_json::to_vec(message).map_err(payload_error)?;
    let length = u32::try_from(head.len()).map_err(payload_error)?;
    seal(
        kind,
        &[&length.to_le_bytes(), head.as_slice(), bytes].concat(),
    )
}

fn json<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T, FrameError> {
    serde_json::from_slice(payload).map_err(payload_error)
}

fn encode<T: Serialize>(kind: u8, message: &T) -> Result<Vec<u8>, FrameError> {
    seal(kind, &serde_json::to_vec(message).map_err(payload_error)?)
}

fn seal(kind: u8, payload: &[u8]) -> Result<Vec<u8>, FrameError> {
    let length = u32::try_from(payload.len() + 1)
        .ok()
        .filter(|length| *length <= LONGEST);
    let length = length.ok_or(FrameError::Length(u32::MAX))?;
    let mut frame = Vec::with_capacity(payload.len() + 5);
    frame.extend_from_slice(&length.to_le_bytes());
    frame.push(kind);
    frame.extend_from_slice(payload);
    Ok(frame)
}

fn payload_error(error: impl fmt::Display) -> FrameError {
    FrameError::Payload(error.to_string())
}

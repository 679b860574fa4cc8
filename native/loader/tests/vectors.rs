//! The golden frames of `native/protocol/vectors`: both directions, byte by byte.
//!
//! `<name>.json` holds `{from, type, payload}` (and `image` for Apply, `stack` for Crashed, in hex), `<name>.bin` the
//! frame. A vector with
//! `error` in place of `payload` is a frame that a reader must refuse.
#![forbid(unsafe_code)]

use std::fs;
use std::path::{Path, PathBuf};

use nx_hotpatch_loader::protocol::frame::{
    encode_from_loader, encode_from_session, from_loader, from_session, read_frame, FrameError,
    LONGEST,
};
use nx_hotpatch_loader::protocol::messages::{FromLoader, FromSession};
use serde_json::Value;

fn vectors() -> Vec<(PathBuf, Value, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol/vectors");
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .map(|path| {
            let description = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            let frame = fs::read(path.with_extension("bin")).unwrap();
            (path, description, frame)
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn decode_and_encode(from: &str, mut frame: &[u8]) -> Result<(Value, Vec<u8>), FrameError> {
    let (kind, payload) = read_frame(&mut frame, LONGEST)?;
    assert!(frame.is_empty(), "bytes after the frame");
    if from == "loader" {
        let message = from_loader(kind, &payload)?;
        let value = match &message {
            FromLoader::Hello(m) => serde_json::to_value(m),
            FromLoader::Applied(m) => serde_json::to_value(m),
            FromLoader::Refused(m) => serde_json::to_value(m),
            FromLoader::Undone(m) => serde_json::to_value(m),
            FromLoader::Unloaded(m) => serde_json::to_value(m),
            FromLoader::Crashed { crash, .. } => serde_json::to_value(crash),
        };
        return Ok((value.unwrap(), encode_from_loader(&message)?));
    }
    let message = from_session(kind, payload)?;
    let value = match &message {
        FromSession::Welcome(m) => serde_json::to_value(m),
        FromSession::Apply { patch, .. } => Ok(serde_json::json!({ "patch": patch })),
        FromSession::Refused(m) => serde_json::to_value(m),
        FromSession::Undo(m) => serde_json::to_value(m),
        FromSession::Go(m) => serde_json::to_value(m),
        FromSession::Unload(m) => serde_json::to_value(m),
    };
    Ok((value.unwrap(), encode_from_session(&message)?))
}

#[test]
fn every_frame_reads_as_its_description_and_writes_as_the_same_bytes() {
    let mut seen = 0;
    for (path, description, frame) in vectors() {
        let Some(payload) = description.get("payload") else {
            continue;
        };
        let (value, again) = decode_and_encode(description["from"].as_str().unwrap(), &frame)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(&value, payload, "{}", path.display());
        assert_eq!(again, frame, "{}", path.display());
        assert_eq!(
            u64::from(frame[4]),
            description["type"].as_u64().unwrap(),
            "{}",
            path.display()
        );
        seen += 1;
    }
    assert!(
        seen >= 11,
        "only {seen} vectors: every message type has one"
    );
}

#[test]
fn the_bytes_behind_the_json_arrive_whole() {
    let mut seen = 0;
    for (path, description, frame) in vectors() {
        let bytes = ["image", "stack"].map(|name| description.get(name).and_then(Value::as_str));
        let Some(bytes) = bytes.into_iter().flatten().next() else {
            continue;
        };
        let (kind, payload) = read_frame(&mut frame.as_slice(), LONGEST).unwrap();
        let read = match (
            from_session(kind, payload.clone()),
            from_loader(kind, &payload),
        ) {
            (Ok(FromSession::Apply { image, .. }), _) => image,
            (_, Ok(FromLoader::Crashed { stack, .. })) => stack,
            _ => panic!("{}", path.display()),
        };
        let hex = |bytes: &[u8]| {
            bytes
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        };
        assert_eq!(hex(&read), bytes);
        seen += 1;
    }
    assert!(seen >= 3);
}

#[test]
fn every_bad_frame_is_refused() {
    let mut seen = 0;
    for (path, description, frame) in vectors() {
        if description.get("error").is_none() {
            continue;
        }
        let result = decode_and_encode(description["from"].as_str().unwrap(), &frame);
        assert!(result.is_err(), "{} was accepted", path.display());
        seen += 1;
    }
    assert!(seen >= 5, "only {seen} bad frames");
}

//! What the two ends say. Field order is the order on the wire, so that the golden frames can be compared byte by byte.
#![forbid(unsafe_code)]

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the loader says.
#[derive(Debug, Clone, PartialEq)]
pub enum FromLoader {
    Hello(Hello),
    Applied(Applied),
    Refused(Refused),
    Undone(PatchId),
}

/// What the session says.
#[derive(Debug, Clone, PartialEq)]
pub enum FromSession {
    Welcome(Welcome),
    Apply { patch: u32, image: Vec<u8> },
    Refused(Refused),
    Undo(PatchId),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    pub protocol: u32,
    pub loader: String,
    pub token: String,
    pub pid: u32,
    pub ppid: u32,
    /// Hexadecimal; empty when the image has none.
    pub build_id: String,
    pub image: String,
    pub load_bias: Address,
    pub window: Window,
    pub tls: TlsPool,
    pub libraries: Vec<String>,
    pub patches: Vec<u32>,
}

/// The address range reserved for patches. `offset` is relative to the load bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    pub offset: i64,
    pub size: u64,
}

/// The block that gives new thread-locals their room: `tp_offset` is relative to the thread pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TlsPool {
    pub tp_offset: i64,
    pub size: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    pub protocol: u32,
    pub token: String,
    pub build_id: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApplyHead {
    pub patch: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Applied {
    pub patch: u32,
    pub functions: Vec<RedirectedFunction>,
    pub ms: Milliseconds,
    /// The longest time, in microseconds, that a thread of the program waited for this patch.
    pub pause_us: f64,
    /// Size of the patch image.
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedirectedFunction {
    pub symbol: String,
    pub old: Address,
    pub new: Address,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Milliseconds {
    pub load: f64,
    pub apply: f64,
}

/// `patch` is absent outside of a patch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub patch: Option<u32>,
    pub reasons: Vec<Reason>,
}

/// One reason why something is not done. `code` is stable; the texts are for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub code: String,
    pub subject: String,
    pub message: String,
    pub remedy: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchId {
    pub patch: u32,
}

/// An absolute address. JSON numbers are doubles for many readers, so it travels as `"0x…"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address(pub u64);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text
            .strip_prefix("0x")
            .ok_or_else(|| serde::de::Error::custom("an address starts with 0x"))?;
        u64::from_str_radix(digits, 16)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

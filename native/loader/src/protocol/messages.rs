//! What the two ends say. Field order is the order on the wire, so that the golden frames can be compared byte by byte.
#![forbid(unsafe_code)]

use std::fmt;

use serde::{Deserialize, Serialize};

use super::crash::Crash;

/// What the loader says.
#[derive(Debug, Clone, PartialEq)]
pub enum FromLoader {
    Hello(Hello),
    Applied(Applied),
    Refused(Refused),
    Undone(PatchId),
    Unloaded(Unloaded),
    /// `stack` holds the bytes from the stack pointer upwards.
    Crashed {
        crash: Crash,
        stack: Vec<u8>,
    },
}

/// What the session says.
#[derive(Debug, Clone, PartialEq)]
pub enum FromSession {
    Welcome(Welcome),
    Apply { patch: u32, image: Vec<u8> },
    Refused(Refused),
    Undo(PatchId),
    Go(Go),
    Unload(Unload),
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
    /// The program waits before `main` until Go.
    pub held: bool,
}

/// The address range reserved for patches. `offset` is relative to the load bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    pub offset: i64,
    pub size: u64,
}

/// The block that gives new thread-locals their room: `tp_offset` is relative to the thread pointer. So is `image`,
/// the block of a library that is patched in another program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TlsPool {
    pub tp_offset: i64,
    pub size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<i64>,
}

/// What a Welcome says in every version of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Greeting {
    pub protocol: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    pub protocol: u32,
    pub token: String,
    pub build_id: String,
    /// A folder in which the loader may make its parking file; without one nothing is unloaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parking: Option<String>,
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
    /// Replaced functions that threads were in: those calls run the old code to their end.
    pub busy: Vec<BusyFunction>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusyFunction {
    pub symbol: String,
    pub old: Address,
    /// As people know them: `name (tid)`.
    pub threads: Vec<String>,
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

/// A held program goes on into `main`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Go {}

/// Nothing current is in these patches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unload {
    pub patches: Vec<u32>,
}

/// The patches of an Unload, in its order; each is in one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unloaded {
    pub unloaded: Vec<UnloadedPatch>,
    pub kept: Vec<KeptPatch>,
}

/// `bytes` of memory are free again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnloadedPatch {
    pub patch: u32,
    pub bytes: u64,
}

/// `by` says in words what still reaches it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPatch {
    pub patch: u32,
    pub bytes: u64,
    pub by: String,
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

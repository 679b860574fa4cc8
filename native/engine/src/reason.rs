//! Why a change is not applied, in the user's terms.

use serde::Serialize;

/// `code` is stable and for tools; `message` and `remedy` are one sentence each.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Reason {
    pub code: &'static str,
    pub subject: String,
    pub message: String,
    pub remedy: String,
}

pub const RESTART: &str = "Restart the program with the new build.";

impl Reason {
    pub fn new(
        code: &'static str,
        subject: impl Into<String>,
        message: impl Into<String>,
    ) -> Reason {
        Reason {
            code,
            subject: subject.into(),
            message: message.into(),
            remedy: RESTART.into(),
        }
    }

    pub fn remedy(mut self, remedy: impl Into<String>) -> Reason {
        self.remedy = remedy.into();
        self
    }
}

/// A name as the user wrote it: demangled, without the hash.
pub fn demangled(symbol: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(symbol))
}

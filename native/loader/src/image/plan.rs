//! The plan: what the image is for and what changes when it is applied. JSON in section `.nx_hotpatch`.
#![forbid(unsafe_code)]

use serde::{Deserialize, Deserializer};

use crate::refusal::{corrupt, Refusal};

/// The form of the plan that this loader reads.
const FORMAT: u32 = 3;

/// Addresses named `old`, `at`, `start` and `end` are relative to the host's load bias; the others are addresses in the image.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    pub format: u32,
    pub patch: u32,
    pub build_id: String,
    /// The image's load bias minus the host's.
    pub distance: i64,
    #[serde(default)]
    pub redirects: Vec<Redirect>,
    #[serde(default)]
    pub restores: Vec<Restore>,
    #[serde(default)]
    pub writes: Vec<Write>,
    #[serde(default)]
    pub tls: Option<Tls>,
    #[serde(default)]
    pub absent: Vec<Range>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Redirect {
    pub symbol: String,
    #[serde(default)]
    pub name: String,
    pub old: i64,
    pub new: u64,
    /// What stands at `old` before the patch.
    #[serde(deserialize_with = "hexadecimal")]
    pub bytes: Vec<u8>,
}

/// An entry that leads to earlier code again.
#[derive(Debug, Clone, Deserialize)]
pub struct Restore {
    pub symbol: String,
    #[serde(default)]
    pub name: String,
    pub at: i64,
    /// What stands at `at` before the patch.
    #[serde(deserialize_with = "hexadecimal")]
    pub bytes: Vec<u8>,
    /// The first bytes from then on: the entry's own, or a jump to the code that is current again.
    #[serde(deserialize_with = "hexadecimal")]
    pub original: Vec<u8>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Write {
    pub symbol: String,
    pub at: i64,
    #[serde(deserialize_with = "hexadecimal")]
    pub old: Vec<u8>,
    #[serde(deserialize_with = "hexadecimal")]
    pub new: Vec<u8>,
}

/// Code or data, `end` excluded, that no word of the program may lead to when the patch is applied.
#[derive(Debug, Clone, Deserialize)]
pub struct Range {
    pub name: String,
    pub kind: Kind,
    pub start: i64,
    pub end: i64,
}

/// What a word that leads to a range means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A function is running, or can be called.
    Code,
    /// An object may be alive whose table of functions (vtable) this is.
    Table,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tls {
    /// In the pool.
    pub offset: u64,
    pub image: u64,
    pub file_size: u64,
    pub mem_size: u64,
    pub align: u64,
}

impl Plan {
    pub fn read(json: &[u8]) -> Result<Self, Refusal> {
        let plan: Self = serde_json::from_slice(json)
            .map_err(|error| corrupt(format!("its plan cannot be read ({error})")))?;
        if plan.format != FORMAT {
            return Err(corrupt(format!(
                "its plan has format {}, not {FORMAT}",
                plan.format
            )));
        }
        Ok(plan)
    }
}

fn hexadecimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| digit.to_digit(16).map(|value| value as u8))
        .collect();
    match digits {
        Some(digits) if digits.len() % 2 == 0 => Ok(digits
            .chunks_exact(2)
            .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
            .collect()),
        _ => Err(serde::de::Error::custom(
            "not an even number of hexadecimal digits",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_contract_reads() {
        let plan = Plan::read(
            br#"{ "format": 3, "patch": 3, "buildId": "ab", "distance": -536870912,
            "redirects": [ { "symbol": "_ZN", "name": "app::hello", "old": 74565, "new": 4096, "bytes": "554889e5" } ],
            "restores": [ { "symbol": "_ZN", "name": "app::hi", "at": 74600, "bytes": "e9fb0f0000cc", "original": "554889e548" } ],
            "writes": [ { "symbol": "x", "at": 312400, "old": "0a00000005000000", "new": "0b00000005000000" } ],
            "absent": [ { "name": "app::parse", "kind": "code", "start": 74566, "end": 74901 },
                { "name": "<app::Row as core::fmt::Debug>", "kind": "table", "start": -312432, "end": -312400 } ],
            "tls": { "offset": 0, "image": 8192, "fileSize": 8, "memSize": 16, "align": 8 } }"#,
        )
        .unwrap();
        assert_eq!(plan.redirects[0].bytes, [0x55, 0x48, 0x89, 0xe5]);
        assert_eq!(plan.restores[0].original, [0x55, 0x48, 0x89, 0xe5, 0x48]);
        assert_eq!(plan.tls.unwrap().mem_size, 16);
        let kinds: Vec<_> = plan.absent.iter().map(|range| range.kind).collect();
        assert_eq!(kinds, [Kind::Code, Kind::Table]);
        assert_eq!(
            (plan.absent[1].start, plan.absent[1].end),
            (-312_432, -312_400)
        );
    }

    #[test]
    fn odd_digits_and_other_formats_are_refused() {
        let plan = |format: u32, bytes: &str| {
            Plan::read(format!(r#"{{"format":{format},"patch":1,"buildId":"","distance":0,"redirects":[{{"symbol":"","old":0,"new":0,"bytes":"{bytes}"}}]}}"#).as_bytes())
        };
        assert!(plan(3, "55").is_ok());
        for (format, bytes) in [(3, "5"), (3, "5g"), (3, "é0"), (2, "55"), (4, "55")] {
            assert_eq!(plan(format, bytes).unwrap_err().code, "corrupt-patch");
        }
    }
}

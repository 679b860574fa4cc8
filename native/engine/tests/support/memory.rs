//! A process as the loader leaves it: the image's bytes, the patches at their places, and what was written over them.
//! As strict as the loader: every plan says what it expects to find.

use object::{Object, ObjectSection, ObjectSegment};
use serde_json::Value;
use std::collections::BTreeMap;

pub struct Memory {
    /// Live address of the first byte, and the file.
    images: Vec<(i64, Vec<u8>)>,
    written: BTreeMap<i64, u8>,
}

impl Memory {
    pub fn of(program: Vec<u8>) -> Memory {
        Memory {
            images: vec![(0, program)],
            written: BTreeMap::new(),
        }
    }

    /// Carries out the plan of an image.
    pub fn apply(&mut self, image: &[u8]) {
        let plan = plan(image);
        let distance = plan["distance"].as_i64().expect("a distance");
        self.images.push((distance, image.to_vec()));
        let mut places = Vec::new();
        for redirect in list(&plan["redirects"]) {
            let old = number(&redirect["old"]);
            let new = number(&redirect["new"]) + distance;
            let rel = i32::try_from(new - old - 5).expect("a jump").to_le_bytes();
            let jump = [0xe9, rel[0], rel[1], rel[2], rel[3]];
            places.push((old, bytes(&redirect["bytes"]), jump.to_vec()));
        }
        for restore in list(&plan["restores"]) {
            let original = bytes(&restore["original"]);
            assert_eq!(original.len(), 5);
            places.push((number(&restore["at"]), bytes(&restore["bytes"]), original));
        }
        for write in list(&plan["writes"]) {
            places.push((
                number(&write["at"]),
                bytes(&write["old"]),
                bytes(&write["new"]),
            ));
        }
        for (at, old, _) in &places {
            assert_eq!(self.read(*at, old.len()), *old, "what stands at {at:#x}");
        }
        for (at, _, new) in places {
            self.written.extend((at..).zip(new));
        }
    }

    /// The entry whose code runs for who calls `entry`, and which image it lies in: 0 for the program, n for the nth.
    pub fn lead(&self, mut entry: i64) -> (i64, usize) {
        for _ in 0..10 {
            let code = self.read(entry, 5);
            if code[0] != 0xe9 || !self.written.contains_key(&entry) {
                return (entry, self.image_of(entry));
            }
            let rel = i32::from_le_bytes([code[1], code[2], code[3], code[4]]);
            entry += 5 + i64::from(rel);
        }
        panic!("a ring of jumps at {entry:#x}");
    }

    pub fn read(&self, at: i64, len: usize) -> Vec<u8> {
        let (base, file) = &self.images[self.image_of(at)];
        let file = object::File::parse(&**file).expect("an image");
        let mut found = None;
        for segment in file.segments() {
            let within = at - base - segment.address() as i64;
            let data = segment.data().expect("bytes");
            if (0..data.len() as i64).contains(&within) {
                found = Some(data[within as usize..][..len].to_vec());
            }
        }
        let mut bytes = found.unwrap_or_else(|| panic!("nothing at {at:#x}"));
        for (byte, at) in bytes.iter_mut().zip(at..) {
            *byte = self.written.get(&at).copied().unwrap_or(*byte);
        }
        bytes
    }

    fn image_of(&self, at: i64) -> usize {
        let holds = |(base, file): &(i64, Vec<u8>)| {
            let file = object::File::parse(&**file).expect("an image");
            // What has no code is loaded nowhere.
            let text = file.section_by_name(".text").is_some();
            text && file.segments().any(|segment| {
                let start = base + segment.address() as i64;
                (start..start + segment.size() as i64).contains(&at)
            })
        };
        let found = self.images.iter().rposition(holds);
        found.unwrap_or_else(|| panic!("nothing at {at:#x}"))
    }
}

pub fn plan(image: &[u8]) -> Value {
    let file = object::File::parse(image).expect("an image");
    let section = file.section_by_name(".nx_hotpatch").expect("a plan");
    serde_json::from_slice(section.data().expect("bytes")).expect("JSON")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn number(value: &Value) -> i64 {
    value.as_i64().expect("a number")
}

fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("hexadecimal");
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal"))
        .collect()
}

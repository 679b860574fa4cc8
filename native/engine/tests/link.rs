//! What the linked image refers to. L is a live address (relative to the host's load bias), D the patch's distance.

#[path = "support/program.rs"]
mod program;

use object::{Object, ObjectSection, ObjectSymbol};
use program::{codes, message, names, Program};

const BASE: &str = r#"
use std::cell::Cell;
static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);
thread_local!(static SEEN: Cell<u32> = const { Cell::new(7) });
#[inline(never)] fn helper(x: u32) -> u32 { x + 1 }
#[inline(never)] fn work(x: u32) -> u32 { helper(x) }
fn main() {
    SEEN.set(SEEN.get() + COUNT.load(std::sync::atomic::Ordering::Relaxed));
    println!("{} {}", work(std::env::args().count() as u32), SEEN.get());
}
"#;
const DISTANCE: i64 = -(512 << 20);

fn work(body: &str) -> String {
    BASE.replace(
        "fn work(x: u32) -> u32 { helper(x) }",
        &format!("fn work(x: u32) -> u32 {{ {body} }}"),
    )
}

fn symbol(image: &[u8], part: &str) -> (u64, u64) {
    let file = object::File::parse(image).unwrap();
    let found = file
        .symbols()
        .find(|s| s.name().is_ok_and(|n| n.contains(part)))
        .unwrap_or_else(|| panic!("no symbol {part}"));
    (found.address(), found.size())
}

fn code(image: &[u8], part: &str) -> (u64, Vec<u8>) {
    let (address, size) = symbol(image, part);
    let file = object::File::parse(image).unwrap();
    let text = file.section_by_name(".text").unwrap();
    (
        address,
        text.data_range(address, size).unwrap().unwrap().to_vec(),
    )
}

/// Targets of `e8 rel32`, call near: P + rel32, with P the address behind the field.
fn calls(address: u64, code: &[u8]) -> Vec<i64> {
    (0..code.len().saturating_sub(4))
        .filter(|&i| code[i] == 0xe8)
        .map(|i| {
            address as i64
                + i as i64
                + 5
                + i64::from(i32::from_le_bytes(code[i + 1..i + 5].try_into().unwrap()))
        })
        .collect()
}

#[test]
fn an_unchanged_callee_is_the_running_one() {
    let mut program = Program::new("callee", BASE);
    let plan = program.diff(&work("helper(x) * 2"));
    assert_eq!(names(&plan, "changed"), ["app::work"]);
    let (_, image) = program.link(&plan);
    let (address, bytes) = code(&image, "app4work");
    let helper = symbol(&program.image(), "app6helper").0 as i64;
    // R_X86_64_PLT32: S + A - P, with S = L - D.
    assert!(
        calls(address, &bytes).contains(&(helper - DISTANCE)),
        "call helper"
    );
}

#[test]
fn a_function_that_the_program_lacks_is_pulled_from_its_rlib() {
    let mut program = Program::new("pulled", BASE);
    let plan = program.diff(&work(
        "helper(x) + std::net::Ipv6Addr::LOCALHOST.to_string().len() as u32",
    ));
    let (linked, image) = program.link(&plan);
    assert_eq!(codes(&linked), [""; 0], "{linked}");
    let new = names(&linked, "new");
    assert!(
        new.iter()
            .any(|n| n.contains("Ipv6Addr as core::fmt::Display>::fmt")),
        "{new:?}"
    );
    assert!(object::File::parse(&*image).is_ok());
}

#[test]
fn a_symbol_that_exists_nowhere_is_refused_with_who_wants_it() {
    let mut program = Program::new("missing", BASE);
    let source = work("unsafe { nowhere(x) }") + "extern \"C\" { fn nowhere(x: u32) -> u32; }";
    let plan = program.diff(&source);
    let (linked, image) = program.link(&plan);
    assert_eq!(codes(&linked), ["unresolved-symbol"]);
    let text = message(&linked, "unresolved-symbol");
    assert!(text.contains("`app::work` needs `nowhere`"), "{text}");
    assert!(image.is_empty());
}

#[test]
fn statics_and_thread_locals_of_the_program_are_bound_not_copied() {
    let mut program = Program::new("state", BASE);
    let plan = program.diff(&work(
        "SEEN.set(9); helper(x) + COUNT.load(std::sync::atomic::Ordering::Relaxed)",
    ));
    let (linked, image) = program.link(&plan);
    assert_eq!(codes(&linked), [""; 0], "{linked}");
    let file = object::File::parse(&*image).unwrap();
    for section in [".data", ".bss", ".tdata", ".tbss"] {
        assert!(file.section_by_name(section).is_none(), "{section}");
    }
}

#[test]
fn new_statics_and_thread_locals_come_with_the_patch() {
    let mut program = Program::new("new-state", BASE);
    let source = work("FRESH.set(FRESH.get() + 1); helper(x) + MORE.fetch_add(2, std::sync::atomic::Ordering::Relaxed)")
        + "static MORE: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(40);
           thread_local!(static FRESH: Cell<u32> = const { Cell::new(8) });";
    let plan = program.diff(&source);
    let (linked, image) = program.link(&plan);
    assert_eq!(codes(&linked), [""; 0], "{linked}");
    let file = object::File::parse(&*image).unwrap();
    assert_eq!(
        file.section_by_name(".data").unwrap().data().unwrap(),
        40u32.to_le_bytes()
    );
    assert_eq!(
        file.section_by_name(".tdata").unwrap().data().unwrap(),
        8u32.to_le_bytes()
    );
    assert!(linked["tlsUsed"].as_u64() > Some(0));
}

#[test]
fn the_plan_in_the_image_names_the_old_entry_and_its_bytes() {
    let mut program = Program::new("plan", BASE);
    let plan = program.diff(&work("helper(x) * 2"));
    let (_, image) = program.link(&plan);
    let file = object::File::parse(&*image).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(
        file.section_by_name(".nx_hotpatch")
            .unwrap()
            .data()
            .unwrap(),
    )
    .unwrap();
    let (old, bytes) = code(&program.image(), "app4work");
    let hex: String = bytes.iter().take(16).map(|b| format!("{b:02x}")).collect();
    assert_eq!(manifest["redirects"][0]["old"], old);
    assert_eq!(
        manifest["redirects"][0]["new"],
        symbol(&image, "app4work").0
    );
    assert!(manifest["redirects"][0]["bytes"]
        .as_str()
        .unwrap()
        .starts_with(&hex[..hex.len().min(32)]));
    assert_eq!(manifest["distance"], DISTANCE);
}

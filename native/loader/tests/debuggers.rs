//! What a debugger finds in memory of a patch.
mod support;

use nx_hotpatch_loader::image::symbol_file;
use object::{Object, ObjectSection, ObjectSymbol};
use std::process::Command;
use support::program::Program;
use support::session::Session;
use support::{run, Folder};

const BIAS: u64 = 0x5555_5000_0000;

/// A patch of one function that has the list of addresses which the engine makes: none but the start of its code.
fn image() -> Vec<u8> {
    let program = Program::c("locals");
    let mut session = Session::start(&program);
    let hello = session.meet().hello;
    let mut patch = session.patch(&hello, "long new_value(void) { return 4; }", &["value"]);
    patch.flags = vec!["-g1".into()];
    let bytes = patch.build().bytes;
    let folder = Folder::new();
    let (before, after, list) = (
        folder.0.join("before.so"),
        folder.0.join("after.so"),
        folder.0.join("list"),
    );
    std::fs::write(&before, &bytes).unwrap();
    // Offset 24 of an ELF file is its entry point: a word of 8 bytes that is zero in a shared object.
    std::fs::write(&list, 24u32.to_le_bytes()).unwrap();
    let mut section = std::ffi::OsString::from(".nx_hotpatch.addresses=");
    section.push(&list);
    run(Command::new("objcopy")
        .arg("--add-section")
        .arg(section)
        .args([&before, &after]));
    std::fs::read(&after).unwrap()
}

#[test]
fn sections_symbols_and_listed_words_are_moved_by_the_bias() {
    let image = image();
    let moved = symbol_file::at(BIAS, &image).unwrap();
    let (before, after) = (
        object::File::parse(&*image).unwrap(),
        object::File::parse(&*moved).unwrap(),
    );
    assert_eq!(after.entry(), before.entry() + BIAS, "the listed word");
    assert_eq!(moved.len(), image.len());
    for (old, new) in before.sections().zip(after.sections()) {
        let loaded = old.address() != 0;
        let expected = old.address() + if loaded { BIAS } else { 0 };
        assert_eq!(new.address(), expected, "{:?}", old.name());
    }
    let value = |file: &object::File<'_>| {
        let symbol = file
            .symbols()
            .find(|symbol| symbol.name() == Ok("new_value"));
        symbol.unwrap().address()
    };
    assert_eq!(value(&after), value(&before) + BIAS);
}

#[test]
fn a_broken_image_is_not_shown_and_does_no_harm() {
    let image = image();
    for end in 0..image.len() {
        assert!(
            symbol_file::at(BIAS, &image[..end]).is_none(),
            "cut at {end}"
        );
    }
    let mut changed = image.clone();
    for at in 0..image.len() {
        for change in [0x01, 0x80, 0xff] {
            changed[at] ^= change;
            let _ = symbol_file::at(BIAS, &changed);
            changed[at] ^= change;
        }
    }
}

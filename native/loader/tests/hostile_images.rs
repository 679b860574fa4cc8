//! Broken patch images: each is refused or harmless, none ends the program.
mod support;

use nx_hotpatch_loader::image::PatchImage;
use nx_hotpatch_loader::protocol::messages::Hello;
use serde_json::json;
use support::image::Image;
use support::program::Program;
use support::session::Session;

/// An image with everything in it: imports, relative words, thread-locals, unwind tables, constants to write.
fn rich_image(program: &Program, session: &mut Session<'_>, hello: &Hello) -> (u32, Image) {
    let source = "long labs(long); static __thread long counter = 3; static const char *names[] = {\"a\", \"b\"};
        long new_value(void) { return labs(counter) + (long)names[1][0]; }";
    let mut patch = session.patch(hello, source, &["value"]);
    patch.tls_offset = Some(0);
    patch.writes = vec![json!({
        "symbol": "table", "at": program.address("table"), "old": "0500000000000000", "new": "0600000000000000"
    })];
    // Small, so that every bit can be flipped.
    patch.flags = vec!["-g0".into()];
    (patch.id, patch.build())
}

/// A cheap generator (xorshift64*): the same images in every run.
fn random(state: &mut u64) -> usize {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize
}

#[test]
fn reading_survives_every_truncation_and_every_changed_byte() {
    let program = Program::c("locals");
    let mut session = Session::start(&program);
    let hello = session.meet().hello;
    let (_, image) = rich_image(&program, &mut session, &hello);
    let bytes = image.bytes;
    PatchImage::read(&bytes).unwrap();
    for end in 0..bytes.len() {
        let refused = PatchImage::read(&bytes[..end]).err();
        // The section headers stand at the end, so nothing can be cut off unnoticed.
        assert_eq!(
            refused.map(|reason| reason.code).as_deref(),
            Some("corrupt-patch"),
            "cut at {end}"
        );
    }
    let mut changed = bytes.clone();
    for at in 0..bytes.len() {
        for change in [0x01, 0x80, 0xff] {
            changed[at] ^= change;
            let _ = PatchImage::read(&changed);
            changed[at] ^= change;
        }
    }
    let mut state = 1;
    for _ in 0..20_000 {
        let mut changed = bytes.clone();
        for _ in 0..8 {
            let at = random(&mut state) % changed.len();
            changed[at] = random(&mut state) as u8;
        }
        let _ = PatchImage::read(&changed);
    }
}

#[test]
fn a_program_survives_broken_images_and_takes_the_whole_one_after_them() {
    let program = Program::c("locals");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    let (id, image) = rich_image(&program, &mut session, &process.hello);
    let before = session.ask("?");
    for step in 0..200 {
        let end = image.bytes.len() * step / 200;
        let reasons = process.apply(id, &image.bytes[..end]).unwrap_err();
        assert_eq!(reasons[0].code, "corrupt-patch");
    }
    let plan_at = find(&image.bytes, b"\"distance\":").unwrap();
    let headers_at = 64..64 + 56 * 12;
    let mut refused = 0;
    // All of them with `NX_HOTPATCH_LONG=1`; else every fifth, since each that is taken costs a process.
    let is_long = std::env::var_os("NX_HOTPATCH_LONG").is_some_and(|value| value == "1");
    let step = if is_long { 1 } else { 5 };
    // What the loader acts upon; code bytes are the engine's word against anybody's.
    for at in headers_at.chain(plan_at..plan_at + 200).step_by(step) {
        let mut changed = image.bytes.clone();
        changed[at] ^= 0x11;
        match process.apply(id, &changed) {
            Err(_) => refused += 1,
            // What was changed does not matter. A patch's room is never used again, so go on in a new process.
            Ok(_) => {
                process.undo(id).unwrap();
                assert_eq!(session.ask("?"), before, "byte {at} changed the program");
                session = Session::start(&program);
                process = session.meet();
            }
        }
        assert_eq!(session.ask("?"), before, "byte {at} changed the program");
    }
    process.apply(id, &image.bytes).unwrap();
    assert!(refused > 100 / step, "only {refused} refused");
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}

/// Applies the rich image with one value of its plan changed.
fn with_plan(change: &[(&str, &str)]) -> String {
    let program = Program::c("locals");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    let before = session.ask("?");
    let (id, image) = rich_image(&program, &mut session, &process.hello);
    let mut bytes = image.bytes;
    for (from, to) in change {
        assert_eq!(from.len(), to.len(), "in place");
        let at = find(&bytes, from.as_bytes()).unwrap_or_else(|| panic!("no {from}"));
        bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
    }
    let code = process.apply(id, &bytes).unwrap_err()[0].code.clone();
    assert_eq!(session.ask("?"), before);
    // Nothing was left behind: the slot is free.
    let (id, image) = rich_image(&program, &mut session, &process.hello);
    process.apply(id, &image.bytes).unwrap();
    code
}

#[test]
fn an_image_announced_under_another_number_is_refused() {
    assert_eq!(
        with_plan(&[("\"patch\":1", "\"patch\":2")]),
        "corrupt-patch"
    );
}

#[test]
fn an_image_for_another_build_is_refused() {
    let mine = Program::c("locals");
    let theirs = Program::c("handshake");
    let mut session = Session::start(&mine);
    let mut process = session.meet();
    let mut patch = session.patch(
        &process.hello,
        "long new_value(void) { return 1; }",
        &["value"],
    );
    patch.program = &theirs;
    let reasons = process.apply(patch.id, &patch.build().bytes).unwrap_err();
    assert_eq!(reasons[0].code, "foreign-image");
}

#[test]
fn an_image_outside_of_the_window_is_refused() {
    assert_eq!(
        with_plan(&[("\"distance\":-536870912", "\"distance\":-936870912")]),
        "address-range-taken"
    );
    assert_eq!(
        with_plan(&[("\"distance\":-536870912", "\"distance\":-136870912")]),
        "address-range-taken"
    );
    assert_eq!(
        with_plan(&[("\"distance\":-536870912", "\"distance\":-536870911")]),
        "address-range-taken"
    );
}

#[test]
fn an_image_that_expects_other_bytes_is_refused() {
    assert_eq!(
        with_plan(&[(
            "\"old\":\"0500000000000000\"",
            "\"old\":\"0400000000000000\""
        )]),
        "foreign-image"
    );
}

#[test]
fn an_image_of_another_format_is_refused() {
    assert_eq!(
        with_plan(&[("\"format\":3", "\"format\":9")]),
        "corrupt-patch"
    );
}

//! Mutable data without a name keeps its live value, or the patch is refused.

#[allow(dead_code)] // not every suite asks for everything
#[path = "support/program.rs"]
mod program;

use object::Object;
use program::{codes, message, names, Program};
use serde_json::Value;

/// Data that assembly reaches by its place alone, in a unit of its own beside one that is edited.
const SOURCE: &str = r#"
mod counter {
    core::arch::global_asm!(".pushsection .data.hidden,\"aw\",@progbits", ".Lhidden: .long 40", ".popsection");
    #[inline(never)] pub fn count() -> u64 {
        let n: u32;
        unsafe { core::arch::asm!("inc dword ptr [rip + .Lhidden]", "mov {0:e}, [rip + .Lhidden]", out(reg) n) }
        u64::from(n) + crate::table::STEPS[1] /*more*/
    }
    /*others*/
}
mod table { pub static STEPS: [u64; 3] = [100, 200, 300]; }
fn main() { println!("{}", counter::count()); /*calls*/ }
"#;

fn linked(name: &str, edit: impl Fn(&str) -> String) -> (Value, Value, Vec<u8>) {
    let mut program = Program::new(name, SOURCE);
    let plan = program.diff(&edit(SOURCE));
    let (answer, image) = program.link(&plan);
    (plan, answer, image)
}

fn brings_data(image: &[u8]) -> bool {
    let file = object::File::parse(image).expect("an image");
    file.section_by_name(".data").is_some()
}

#[test]
fn an_edited_function_goes_on_with_the_running_data() {
    let edit = |s: &str| s.replace("/*more*/", "+ 7");
    let (plan, answer, image) = linked("hidden-edited", edit);
    assert_eq!(names(&plan, "changed"), ["app::counter::count"]);
    assert_eq!(codes(&answer), [""; 0], "{answer}");
    assert!(!brings_data(&image), "a copy of the data");
}

#[test]
fn a_reader_of_a_changed_constant_goes_on_with_the_running_data_of_its_unit() {
    let edit = |s: &str| s.replace("200", "201");
    let (plan, answer, image) = linked("hidden-reader", edit);
    assert_eq!(names(&plan, "changed"), ["app::counter::count"]);
    assert_eq!(codes(&answer), [""; 0], "{answer}");
    assert!(!brings_data(&image), "a copy of the data");
}

#[test]
fn data_with_another_initial_value_cannot_be_told_from_new_data() {
    let edit = |s: &str| s.replace(".long 40", ".long 41").replace("/*more*/", "+ 7");
    let (_, answer, image) = linked("hidden-initial", edit);
    assert_eq!(codes(&answer), ["anonymous-static"], "{answer}");
    assert!(message(&answer, "anonymous-static").contains("has no name"));
    assert!(image.is_empty());
}

#[test]
fn two_of_equal_contents_cannot_be_told_apart() {
    let twin = r#"core::arch::global_asm!(".pushsection .data.twin,\"aw\",@progbits", ".Ltwin: .long 40", ".popsection");
    #[inline(never)] pub fn other() -> u32 {
        let n: u32;
        unsafe { core::arch::asm!("mov {0:e}, [rip + .Ltwin]", out(reg) n) }
        n
    }"#;
    let edit = |s: &str| {
        s.replace("/*others*/", twin)
            .replace("/*more*/", "+ u64::from(other())")
    };
    let (_, answer, _) = linked("hidden-twins", edit);
    assert_eq!(codes(&answer), ["anonymous-static"], "{answer}");
}

#[test]
fn data_of_a_new_module_is_new() {
    let module = r#"
    mod fresh {
        core::arch::global_asm!(".pushsection .data.fresh,\"aw\",@progbits", ".Lfresh: .long 9", ".popsection");
        #[inline(never)] pub fn other() -> u64 {
            let n: u32;
            unsafe { core::arch::asm!("mov {0:e}, [rip + .Lfresh]", out(reg) n) }
            u64::from(n)
        }
    }"#;
    let edit = |s: &str| s.replace("/*more*/", "+ crate::fresh::other()") + module;
    let (_, answer, image) = linked("hidden-new", edit);
    assert_eq!(codes(&answer), [""; 0], "{answer}");
    assert!(brings_data(&image));
}

#[test]
fn data_that_moved_with_its_function_to_a_new_module_is_refused() {
    let edit = |s: &str| {
        s.replace("mod counter {", "mod moved {")
            .replace("counter::count", "moved::count")
            .replace("/*more*/", "+ 7")
    };
    let (_, answer, _) = linked("hidden-moved", edit);
    assert_eq!(codes(&answer), ["anonymous-static"], "{answer}");
}

const BLOCKS: &str = r#"
use std::sync::atomic::{AtomicU32, Ordering};
trait Rule { fn next(&self) -> u32; }
struct A; struct B;
/*before*/
const _: () = {
    static SEEN: AtomicU32 = AtomicU32::new(1);
    #[inline(never)] fn step(by: u32) -> u32 { SEEN.fetch_add(by, Ordering::Relaxed) }
    impl Rule for A { fn next(&self) -> u32 { step(1) } }
};
const _: () = {
    static SEEN: AtomicU32 = AtomicU32::new(100);
    #[inline(never)] fn step(by: u32) -> u32 { SEEN.fetch_add(by * 2, Ordering::Relaxed) }
    impl Rule for B { fn next(&self) -> u32 { step(1) } }
};
fn main() { println!("{} {}", A.next(), B.next()); }
"#;

const BLOCK: &str = r#"struct C; const _: () = {
    static SEEN: AtomicU32 = AtomicU32::new(50);
    #[inline(never)] fn step(by: u32) -> u32 { SEEN.fetch_add(by * 3, Ordering::Relaxed) }
    impl Rule for C { fn next(&self) -> u32 { step(1) } }
};"#;

const MANGLINGS: [&[&str]; 2] = [&[], &["-Csymbol-mangling-version=v0"]];

#[test]
fn a_block_without_a_name_that_is_put_above_others_takes_nothing_of_theirs() {
    for (at, flags) in MANGLINGS.into_iter().enumerate() {
        let after = BLOCKS
            .replace("/*before*/", BLOCK)
            .replace("println!(\"{} {}\",", "println!(\"{} {} {}\", C.next(),");
        let answer = Program::with(&format!("blocks-{at}"), BLOCKS, flags).diff(&after);
        assert_eq!(codes(&answer), [""; 0], "{answer}");
        assert_eq!(names(&answer, "changed"), ["app::main"], "{answer}");
    }
}

#[test]
fn statics_of_blocks_that_nothing_tells_apart_are_refused() {
    for (at, flags) in MANGLINGS.into_iter().enumerate() {
        let after = BLOCKS.replace("/*before*/", &BLOCK.replace("new(50)", "new(100)"));
        let answer = Program::with(&format!("equal-blocks-{at}"), BLOCKS, flags)
            .diff(&after.replace("println!(\"{} {}\",", "println!(\"{} {} {}\", C.next(),"));
        assert_eq!(codes(&answer), ["anonymous-static"], "{answer}");
    }
}

/// The blocks of `BLOCKS` with one initial value.
fn equal_blocks() -> String {
    BLOCKS.replace("new(100)", "new(1)")
}

#[test]
fn statics_of_blocks_that_changed_places_are_refused_where_their_values_are_equal() {
    for (at, flags) in MANGLINGS.into_iter().enumerate() {
        let source = equal_blocks();
        let start = source.find("const _").expect("the first block");
        let second = source.rfind("const _").expect("the second block");
        let end = source.find("fn main").expect("the end");
        let (first, last) = (&source[start..second], &source[second..end]);
        let after = source.replace(&source[start..end], &[last, first].concat());
        let answer = Program::with(&format!("swapped-blocks-{at}"), &source, flags).diff(&after);
        assert_eq!(codes(&answer), ["anonymous-static"], "{answer}");
    }
}

#[test]
fn an_edit_in_one_of_blocks_with_equal_statics_is_applied() {
    for (at, flags) in MANGLINGS.into_iter().enumerate() {
        let source = equal_blocks();
        let edits = [
            ("by * 2", "by * 5"),
            ("{ step(1) } }\n};\nfn", "{ step(1) + step(2) } }\n};\nfn"),
        ];
        for (edit, (from, to)) in edits.into_iter().enumerate() {
            let mut program = Program::with(&format!("edited-blocks-{at}-{edit}"), &source, flags);
            let answer = program.diff(&source.replace(from, to));
            assert_eq!(codes(&answer), [""; 0], "{answer}");
            assert_eq!(names(&answer, "changed").len(), 1, "{answer}");
        }
    }
}

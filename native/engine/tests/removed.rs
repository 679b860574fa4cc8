//! Statics and constants that one edit removes and a later one brings back: the same ones, or others of their names.

#[path = "support/memory.rs"]
mod memory;
#[allow(dead_code)] // a support for several suites
#[path = "support/program.rs"]
mod program;
#[allow(dead_code)]
#[path = "support/steps.rs"]
mod steps;

use object::{Object, ObjectSymbol};
use steps::{Outcome, Steps};

const MANGLINGS: [&[&str]; 2] = [&[], &["-Csymbol-mangling-version=v0"]];

/// A program with `items`, whose `value` has this body.
fn source(items: &str, body: &str) -> String {
    format!(
        "use std::sync::atomic::{{AtomicU32, AtomicI32, Ordering}};\n{items}\n#[inline(never)] fn value() -> u32 {{ {body} }}\nfn main() {{ println!(\"{{}}\", value()); }}\n"
    )
}

/// Whether the patch brings something of this name, and does not use what was there.
fn brings(outcome: &Outcome, name: &str) -> bool {
    let file = object::File::parse(&*outcome.image).expect("an image");
    let mut symbols = file.symbols();
    symbols.any(|s| s.name().is_ok_and(|n| n.contains(name)) && !s.is_undefined() && s.size() > 0)
}

fn has_note(outcome: &Outcome, words: &str) -> bool {
    outcome.notes.iter().any(|note| note.contains(words))
}

/// Plays the program with `before`, without it, with `after`, and then an edit of `value`.
fn away_and_back(
    name: &str,
    flags: &[&str],
    (before, old_body): (&str, &str),
    (after, new_body): (&str, &str),
) -> [Outcome; 2] {
    let mut steps = Steps::with(name, &source(before, old_body), flags);
    steps.save(&source("", "7"));
    let back = steps.save(&source(after, new_body));
    let edited = steps.save(&source(after, &format!("1 + {{ {new_body} }}")));
    assert_eq!(edited.names("changed"), ["app::value"]);
    [back, edited]
}

const COUNT: &str = "static SEEN: AtomicU32 = AtomicU32::new(5);";
const NEXT: &str = "SEEN.fetch_add(1, Ordering::Relaxed)";

#[test]
fn a_static_that_comes_back_with_its_type_goes_on_with_its_live_value() {
    for (at, flags) in MANGLINGS.into_iter().enumerate() {
        let [back, edited] = away_and_back(
            &format!("same-{at}"),
            flags,
            (COUNT, NEXT),
            (
                &COUNT.replace("new(5)", "new(9)"),
                &NEXT.replace("(1,", "(2,"),
            ),
        );
        assert!(has_note(&back, "`app::SEEN` is there again"));
        assert!(!brings(&back, "SEEN") && !brings(&edited, "SEEN"));
    }
}

#[test]
fn a_static_that_comes_back_with_another_type_is_another_one() {
    for (at, flags) in MANGLINGS.into_iter().enumerate() {
        let [back, edited] = away_and_back(
            &format!("other-{at}"),
            flags,
            (COUNT, NEXT),
            (
                &COUNT.replace("AtomicU32", "AtomicI32"),
                &format!("{NEXT} as u32"),
            ),
        );
        assert!(brings(&back, "SEEN"), "{flags:?}");
        assert!(!brings(&edited, "SEEN"), "{flags:?}");
    }
}

#[test]
fn a_static_whose_type_was_away_too_and_is_laid_out_otherwise_is_another_one() {
    let pair = |fields: &str| {
        format!("struct Pair {{ {fields} }}\nstatic mut SEEN: Pair = Pair {{ a: 1, b: 2 }};")
    };
    let body = "unsafe { SEEN.a += 1; SEEN.a as u32 + SEEN.b as u32 }";
    for (at, flags) in MANGLINGS.into_iter().enumerate() {
        let [back, edited] = away_and_back(
            &format!("layout-{at}"),
            flags,
            (&pair("a: u32, b: u32"), body),
            // As big and as aligned as before.
            (&pair("a: u16, b: u32"), body),
        );
        assert!(has_note(&back, "`app::SEEN` is another static"));
        assert!(brings(&back, "SEEN"), "{flags:?}");
        assert!(!brings(&edited, "SEEN"), "{flags:?}");
    }
}

#[test]
fn a_thread_local_that_comes_back_is_the_same_or_another_by_its_type() {
    let local = |ty: &str| {
        format!("use std::cell::Cell;\nthread_local! {{ static SEEN: Cell<{ty}> = const {{ Cell::new(5) }}; }}")
    };
    let body = "SEEN.with(|seen| { seen.set(seen.get() + 1); seen.get() as u32 })";
    for (at, flags) in MANGLINGS.into_iter().enumerate() {
        for (ty, is_other) in [("u32", false), ("i32", true), ("u64", true)] {
            let [back, edited] = away_and_back(
                &format!("thread-{at}-{ty}"),
                flags,
                (&local("u32"), body),
                (&local(ty), &body.replace("+ 1", "+ 2")),
            );
            assert_eq!(brings(&back, "SEEN"), is_other, "{flags:?} {ty}");
            assert!(!brings(&edited, "SEEN"), "{flags:?} {ty}");
        }
    }
}

#[test]
fn a_constant_that_comes_back_has_its_new_contents() {
    let table = "static PRICES: [u32; 3] = [1, 2, 3];";
    let body = "PRICES[std::env::args().count() % 3]";
    for (at, flags) in MANGLINGS.into_iter().enumerate() {
        let [back, edited] = away_and_back(
            &format!("constant-{at}"),
            flags,
            (table, body),
            (&table.replace("2, 3]", "8, 9]"), body),
        );
        assert!(brings(&back, "PRICES"), "{flags:?}");
        assert!(!brings(&edited, "PRICES"), "{flags:?}");
    }
}

#[test]
fn a_constant_that_comes_back_as_it_was_is_that_of_the_image() {
    let table = "static PRICES: [u32; 3] = [1, 2, 3];";
    let body = "PRICES[std::env::args().count() % 3]";
    let [back, edited] = away_and_back(
        "constant-same",
        &[],
        (table, body),
        (table, &body.replace("% 3", "% 2")),
    );
    assert!(!brings(&back, "PRICES") && !brings(&edited, "PRICES"));
}

#[test]
fn a_constant_that_comes_back_as_something_mutable_can_be_written() {
    for (at, flags) in MANGLINGS.into_iter().enumerate() {
        let [back, edited] = away_and_back(
            &format!("mutable-{at}"),
            flags,
            (
                "static LIMIT: u32 = 5;",
                "unsafe { (&raw const LIMIT).read_volatile() }",
            ),
            (
                "static mut LIMIT: u32 = 5;",
                "unsafe { LIMIT += 1; (&raw const LIMIT).read_volatile() }",
            ),
        );
        assert!(brings(&back, "LIMIT"), "{flags:?}");
        assert!(!brings(&edited, "LIMIT"), "{flags:?}");
    }
}

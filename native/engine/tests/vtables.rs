//! Which changes of traits and of what implements them fit the objects that are alive.

#[allow(dead_code)] // not every suite asks for everything
#[path = "support/program.rs"]
mod program;

use program::{codes, message, Program};

/// The only vtable is in the value of a static, which has no debug information of its own.
const STATIC: &str = r#"
pub trait Shape: Sync { fn area(&self) -> u32; fn edges(&self) -> u32; fn name(&self) -> &'static str { "shape" } }
struct Square(u32);
impl Shape for Square { fn area(&self) -> u32 { self.0 * self.0 } fn edges(&self) -> u32 { 4 } }
static ONE: &(dyn Shape) = &Square(3);
static CHOSEN: std::sync::Mutex<&'static (dyn Shape)> = std::sync::Mutex::new(ONE);
fn main() { let one = CHOSEN.lock().unwrap(); println!("{} {} {}", one.area(), one.edges(), one.name()); }
"#;

fn edited(source: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(source.to_string(), |text, (from, to)| {
        assert!(text.contains(from), "the edit finds {from}");
        text.replace(from, to)
    })
}

#[test]
fn a_vtable_in_a_static_is_held_to_its_trait() {
    let area = "fn area(&self) -> u32; ";
    let edits: [(&str, &[(&str, &str)]); 3] = [
        (
            "order",
            &[
                (area, ""),
                (
                    "fn edges(&self) -> u32;",
                    "fn edges(&self) -> u32; fn area(&self) -> u32;",
                ),
            ],
        ),
        (
            "more",
            &[(
                area,
                "fn area(&self) -> u32; fn corners(&self) -> u32 { 4 } ",
            )],
        ),
        (
            "less",
            &[
                ("fn edges(&self) -> u32;", ""),
                ("fn edges(&self) -> u32 { 4 }", ""),
                ("one.edges()", "4"),
            ],
        ),
    ];
    let mut program = Program::new("static-vtable", STATIC);
    for (what, edit) in edits {
        let answer = program.diff(&edited(STATIC, edit));
        assert_eq!(codes(&answer), ["vtable-shape"], "{what}: {answer}");
        let text = message(&answer, "vtable-shape");
        assert!(text.contains("`app::Square` for `app::Shape`"), "{text}");
    }
}

#[test]
fn a_default_that_is_overridden_fits_a_vtable_in_a_static() {
    let edit = edited(
        STATIC,
        &[(
            "u32 { 4 }",
            "u32 { 4 } fn name(&self) -> &'static str { \"square\" }",
        )],
    );
    let answer = Program::new("static-override", STATIC).diff(&edit);
    assert_eq!(codes(&answer), [""; 0], "{answer}");
}

/// `dyn Shape` is spoken of, and nothing makes one.
const UNMADE: &str = r#"
pub trait Shape { fn area(&self) -> u32; }
struct Square(u32);
impl Shape for Square { fn area(&self) -> u32 { self.0 * self.0 } }
#[inline(never)] fn largest(of: Option<&dyn Shape>) -> u32 { of.map_or(0, |shape| shape.area()) }
fn main() { println!("{} {}", largest(None), Square(2).area()); }
"#;

const MORE: (&str, &str) = (
    "fn area(&self) -> u32; }",
    "fn area(&self) -> u32; fn edges(&self) -> u32 { 4 } }",
);

#[test]
fn a_trait_without_objects_may_grow() {
    let edit = edited(
        UNMADE,
        &[MORE, ("shape.area()", "shape.area() + shape.edges()")],
    );
    let answer = Program::new("unmade", UNMADE).diff(&edit);
    assert_eq!(codes(&answer), [""; 0], "{answer}");
}

#[test]
fn a_trait_may_not_grow_when_the_edit_takes_away_what_made_its_objects() {
    let made = edited(UNMADE, &[("largest(None)", "largest(Some(&Square(3)))")]);
    let edit = edited(
        UNMADE,
        &[MORE, ("shape.area()", "shape.area() + shape.edges()")],
    );
    let answer = Program::new("unmade-now", &made).diff(&edit);
    assert_eq!(codes(&answer), ["vtable-shape"], "{answer}");
    let text = message(&answer, "vtable-shape");
    assert!(text.contains("`dyn app::Shape`"), "{text}");
}

#[test]
fn vtables_of_supertraits_are_known_by_their_traits() {
    let source = r#"
trait Left { fn left(&self) -> u32; } trait Right { fn right(&self) -> u32; }
trait Both: Left + Right { fn both(&self) -> u32; }
struct One(u32);
impl Left for One { fn left(&self) -> u32 { self.0 } }
impl Right for One { fn right(&self) -> u32 { self.0 + 1 } }
impl Both for One { fn both(&self) -> u32 { self.0 + 2 } }
#[inline(never)] fn sum(of: &dyn Both) -> u32 { let right: &dyn Right = of; of.both() + right.right() + of.left() }
/*more*/
fn main() { println!("{}", sum(&One(1))); }
"#;
    let mut program = Program::new("supertraits", source);
    // Another vtable renumbers all that come behind it.
    let more = source.replace(
        "/*more*/",
        "fn shown(of: &dyn std::fmt::Debug) -> String { format!(\"{of:?}\") }",
    );
    let more = more.replace(
        "sum(&One(1))",
        "sum(&One(1)) + shown(&(1u8, 'a')).len() as u32",
    );
    let answer = program.diff(&more);
    assert_eq!(codes(&answer), [""; 0], "{answer}");
    let answer = program.diff(&source.replace("Left + Right", "Right + Left"));
    assert_eq!(codes(&answer), ["vtable-shape"], "{answer}");
}

/// Like types of two versions of a crate: what debug information calls `app::shown::Coin` are two types.
const NAMESAKES: &str = r#"
#[inline(never)] fn print(one: &dyn std::fmt::Debug, more: u32) { println!("{one:?} {more}"); }
fn shown(which: u32) {
    if which == 0 { #[derive(Debug)] struct Coin(u32); print(&Coin(1), 0) }
    else { #[derive(Debug)] struct Coin(u64); print(&Coin(2), 0) }
}
fn main() { shown(0); shown(1); }
"#;

#[test]
fn a_vtable_is_not_held_to_that_of_another_type_of_its_name() {
    let mut program = Program::new("namesakes", NAMESAKES);
    for edit in [
        ("print(&Coin(1), 0)", "drop(Coin(1))"),
        ("print(&Coin(2), 0)", "drop(Coin(2))"),
    ] {
        let answer = program.diff(&edited(NAMESAKES, &[edit]));
        assert_eq!(codes(&answer), [""; 0], "{edit:?}: {answer}");
    }
}

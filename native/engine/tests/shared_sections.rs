//! Functions that `#[link_section]` puts into one section cannot be taken apart.

#[allow(dead_code)] // not every suite asks for everything
#[path = "support/program.rs"]
mod program;

use program::{codes, message, names, Program};

const SOURCE: &str = r#"
#[link_section = ".text.hot"] #[inline(never)] fn first(n: u32) -> u32 { n.wrapping_mul(2) + PRICES[n as usize] }
#[link_section = ".text.hot"] #[inline(never)] fn second(n: u32) -> u32 { n.wrapping_mul(3) + PRICES[n as usize] }
static PRICES: [u32; 3] = [1, 2, 3];
#[inline(never)] fn apart(n: u32) -> u32 { n.wrapping_mul(5) }
fn main() { println!("{} {} {}", first(1), second(1), apart(2)); }
"#;

#[test]
fn a_change_of_one_is_refused_by_name_and_section() {
    for (case, what) in [("mul(2)"), "mul(3)", "[1, 2, 3]"].into_iter().enumerate() {
        let edit = SOURCE.replace(what, &what.replace(['2', '3'], "7"));
        let answer = Program::new(&format!("shared-{case}"), SOURCE).diff(&edit);
        assert_eq!(codes(&answer), ["unpatchable-output"], "{what}: {answer}");
        let text = message(&answer, "unpatchable-output");
        assert!(
            text.contains("`app::second`") && text.contains("`.text.hot`"),
            "{text}"
        );
    }
}

#[test]
fn one_that_is_written_before_the_others_is_seen() {
    let edit = SOURCE.replace(
        "#[link_section = \".text.hot\"] #[inline(never)] fn first",
        "#[link_section = \".text.hot\"] #[inline(never)] fn zero(n: u32) -> u32 { n }
         #[link_section = \".text.hot\"] #[inline(never)] fn first",
    );
    let edit = edit
        .replace("first(1),", "zero(first(1)),")
        .replace("mul(2)", "mul(9)");
    let answer = Program::new("shared-before", SOURCE).diff(&edit);
    assert_eq!(codes(&answer), ["unpatchable-output"], "{answer}");
}

#[test]
fn a_change_elsewhere_is_none_of_theirs() {
    let answer = Program::new("shared-apart", SOURCE).diff(&SOURCE.replace("mul(5)", "mul(6)"));
    assert_eq!(codes(&answer), [""; 0], "{answer}");
    assert_eq!(names(&answer, "changed"), ["app::apart"]);
}

//! What a program registers before `main` is never lost without a word.

#[allow(dead_code)] // not every suite asks for everything
#[path = "support/program.rs"]
mod program;

use program::{codes, names, Program};

const SOURCE: &str = r#"
mod plugins {
    #[used] #[unsafe(link_section = ".init_array")] static FIRST: extern "C" fn() = first;
    extern "C" fn first() { super::log(1); }
    #[used] #[unsafe(link_section = "commands")] static HELP: fn() -> u32 = help;
    fn help() -> u32 { 1 }
    /*more*/
}
fn log(n: u32) { println!("{n}"); }
fn main() { log(2); }
"#;

/// The notes, with places as `app.rs:7` wherever the test lies.
fn notes(answer: &serde_json::Value) -> Vec<String> {
    let notes = answer["notes"].as_array().expect("notes").iter();
    notes
        .map(|note| {
            let note = note.as_str().expect("a text");
            match note.split_once(" (/") {
                Some((before, path)) => {
                    format!(
                        "{before} ({}",
                        &path[path.find("app.rs").expect("the file")..]
                    )
                }
                None => note.to_string(),
            }
        })
        .collect()
}

#[test]
fn new_registrations_are_noted_by_name_place_and_section() {
    let answer = Program::new("registrations", SOURCE).diff(&SOURCE.replace(
        "/*more*/",
        r#"#[used] #[unsafe(link_section = ".init_array.00099")] static SECOND: extern "C" fn() = second;
           extern "C" fn second() { super::log(3); }
           #[used] #[unsafe(link_section = "commands")] static QUIT: fn() -> u32 = quit;
           fn quit() -> u32 { 2 }"#,
    ));
    assert_eq!(codes(&answer), [""; 0], "{answer}");
    assert_eq!(
        notes(&answer),
        [
            "`app::plugins::SECOND` (app.rs:7) is to run at start-up (section `.init_array`); what is new about it takes effect after a restart.",
            "`app::plugins::QUIT` (app.rs:9) is to be collected at start-up (section `commands`); what is new about it takes effect after a restart.",
        ]
    );
}

#[test]
fn what_is_registered_no_more_stays_so_until_a_restart() {
    let answer = Program::new("deregistrations", SOURCE).diff(&SOURCE.replace(
        r#"#[used] #[unsafe(link_section = "commands")] static HELP: fn() -> u32 = help;"#,
        "",
    ));
    assert_eq!(
        notes(&answer),
        ["`app::plugins::HELP` (app.rs:5) was registered at start-up (section `commands`) and stays so until a restart."]
    );
}

#[test]
fn an_edit_elsewhere_has_nothing_to_say_of_registrations() {
    let answer = Program::new("registered", SOURCE).diff(&SOURCE.replace("{ 1 }", "{ 7 }"));
    assert_eq!(notes(&answer), [""; 0], "{answer}");
}

#[test]
fn a_function_that_ran_at_start_up_alone_is_noted_when_it_is_edited() {
    let source = SOURCE.replace(
        "{ super::log(1); }",
        "{ begin(); } fn begin() { super::log(1); }",
    );
    let answer = Program::new("started", &source).diff(&source.replace("log(1)", "log(5)"));
    assert_eq!(codes(&answer), [""; 0], "{answer}");
    assert_eq!(
        notes(&answer),
        ["`app::plugins::begin` has run at start-up; its new code runs at the next start."]
    );
}

#[test]
fn a_function_that_others_call_as_well_is_not_noted() {
    let edit = SOURCE.replace("println!(\"{n}\")", "println!(\"{n}!\")");
    let answer = Program::new("shared-start", SOURCE).diff(&edit);
    assert_eq!(notes(&answer), [""; 0], "{answer}");
}

/// What `inventory` makes of `submit! { Plugin(of) }`, one line each.
fn submitted(of: &[u32]) -> String {
    let entry = |of: &u32| {
        format!(
            r#"const _: () = {{ static NODE: Node = Node {{ value: &super::Plugin({of}) }}; #[used] #[unsafe(link_section = ".init_array")] static ENTRY: extern "C" fn() = run; #[unsafe(link_section = ".text.startup")] extern "C" fn run() {{ super::submit(&NODE); }} }};
"#
        )
    };
    of.iter().map(entry).collect()
}

const COLLECTED: &str = r#"
pub trait Any: Sync { fn id(&self) -> u32; }
pub struct Plugin(u32);
impl Any for Plugin { fn id(&self) -> u32 { self.0 } }
pub struct Node { value: &'static dyn Any }
#[inline(never)] pub fn submit(node: &'static Node) { println!("{}", node.value.id()); }
fn main() { submit(&Node { value: &Plugin(0) }); }
mod list { use super::Node;
/*more*/}
"#;

fn collected(of: &[u32]) -> String {
    COLLECTED.replace("/*more*/", &submitted(of))
}

#[test]
fn generated_registrations_are_noted_by_the_type_that_they_register() {
    for mangling in ["legacy", "v0"] {
        let flag = format!("-Csymbol-mangling-version={mangling}");
        let flags: &[&str] = if mangling == "legacy" { &[] } else { &[&flag] };
        generated(Program::with(
            &format!("generated-{mangling}"),
            &collected(&[7, 8]),
            flags,
        ));
    }
}

fn generated(mut program: Program) {
    let note =
        |line: u32, what: &str| format!("A registration of `app::Plugin` (app.rs:{line}) {what}");
    let new = "(section `.init_array`); what is new about it takes effect after a restart.";
    let answer = program.diff(&collected(&[7, 8, 9]));
    assert_eq!(
        notes(&answer),
        [note(11, &format!("is to run at start-up {new}"))]
    );
    assert_eq!(
        names(&answer, "changed"),
        [""; 0],
        "what ran has no new code"
    );
    let answer = program.diff(&collected(&[9, 8]));
    assert_eq!(
        notes(&answer),
        [note(
            9,
            &format!("was registered at start-up as it was {new}")
        )]
    );
    let answer = program.diff(&collected(&[8]));
    assert_eq!(
        notes(&answer),
        [note(
            9,
            "was registered at start-up (section `.init_array`) and stays so until a restart."
        )]
    );
}

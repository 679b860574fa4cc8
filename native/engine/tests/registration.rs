//! What a program registers before `main` is never lost without a word.

#[allow(dead_code)] // not every suite asks for everything
#[path = "support/program.rs"]
mod program;

use program::{codes, Program};

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

#[test]
fn new_registrations_are_noted_by_name_and_section() {
    let answer = Program::new("registrations", SOURCE).diff(&SOURCE.replace(
        "/*more*/",
        r#"#[used] #[unsafe(link_section = ".init_array.00099")] static SECOND: extern "C" fn() = second;
           extern "C" fn second() { super::log(3); }
           #[used] #[unsafe(link_section = "commands")] static QUIT: fn() -> u32 = quit;
           fn quit() -> u32 { 2 }"#,
    ));
    assert_eq!(codes(&answer), [""; 0], "{answer}");
    assert_eq!(
        answer["notes"],
        serde_json::json!([
            "`app::plugins::SECOND` is to run at start-up (section `.init_array`); what is new about it takes effect after a restart.",
            "`app::plugins::QUIT` is to be collected at start-up (section `commands`); what is new about it takes effect after a restart.",
        ])
    );
}

#[test]
fn what_is_registered_no_more_stays_so_until_a_restart() {
    let answer = Program::new("deregistrations", SOURCE).diff(&SOURCE.replace(
        r#"#[used] #[unsafe(link_section = "commands")] static HELP: fn() -> u32 = help;"#,
        "",
    ));
    assert_eq!(
        answer["notes"],
        serde_json::json!(["`app::plugins::HELP` was registered at start-up (section `commands`) and stays so until a restart."])
    );
}

#[test]
fn an_edit_elsewhere_has_nothing_to_say_of_registrations() {
    let answer = Program::new("registered", SOURCE).diff(&SOURCE.replace("{ 1 }", "{ 7 }"));
    assert_eq!(answer["notes"], serde_json::json!([]), "{answer}");
}

//! With optimization rustc inlines between the units of a crate, so that an object can describe several.

use super::sample::{compile_units, parse};
use crate::layout::{compare_all, DebugTables, TypeTable};

fn source(field: &str) -> String {
    format!(
        "pub mod a {{ #[derive(Default)] pub struct S {{ pub x: u32, pub v: Vec<u8>{field} }}
            impl S {{ pub fn get(&self) -> u32 {{ self.x + 1 }} pub fn two(&mut self) -> u32 {{ self.v.push(1); self.get() * 2 }} }}
            pub fn small(s: &mut S) -> u32 {{ s.two() }} }}
        pub mod b {{ use super::a::*; #[inline(never)] pub fn run(s: &mut S) -> u32 {{ small(s) + s.get() }} }}
        pub mod c {{ use super::a::*; pub fn go() -> u32 {{ let mut s = S::default(); super::b::run(&mut s) + small(&mut s) }} }}"
    )
}

fn read(field: &str) -> Vec<TypeTable> {
    let units = compile_units(&source(field), &["-O"]);
    assert!(units.len() > 1, "several units");
    units
        .iter()
        .map(|unit| DebugTables::read(&parse(unit)).unwrap().types)
        .collect()
}

#[test]
fn types_are_found_across_the_units_of_one_object() {
    let (old, new) = (read(""), read(", pub y: u64"));
    let (old, new): (Vec<_>, Vec<_>) = (old.iter().collect(), new.iter().collect());
    assert_eq!(compare_all(&old, &old), []);
    let changes = compare_all(&old, &new);
    let names: Vec<&str> = changes
        .iter()
        .map(|change| change.type_name.as_str())
        .collect();
    assert_eq!(names, ["app::a::S"]);
    assert!(
        changes[0].what.contains("field `y: u64` is new"),
        "{}",
        changes[0].what
    );
}

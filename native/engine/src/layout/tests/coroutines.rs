use super::sample::changes;

fn source(before: &str, after: &str) -> String {
    let inner = "pub async fn inner(x: u32) -> u32 { x }";
    let outer =
        format!("pub async fn outer(x: u32) -> u32 {{ {before} let r = inner(x).await; {after} }}");
    format!("{inner} {outer} pub fn run() {{ let f = outer(1); drop(Box::pin(f)); }}")
}

#[test]
fn a_local_held_across_an_await_is_a_change() {
    let old = source("", "r");
    let new = source("let s = vec![x];", "r + s[0]");
    let found = changes(&old, &new);
    let outer = found
        .iter()
        .find(|change| change.type_name == "app::outer::{async_fn_env#0}")
        .unwrap();
    let local =
        "state `Suspend0`: local `s: alloc::vec::Vec<u32, alloc::alloc::Global>` is new at offset";
    assert!(outer.what.contains(local), "{}", outer.what);
    assert!(outer.is_positional);
}

#[test]
fn a_further_await_is_a_new_state() {
    let found = changes(&source("", "r"), &source("", "r + inner(r).await"));
    let outer = found
        .iter()
        .find(|change| change.type_name == "app::outer::{async_fn_env#0}")
        .unwrap();
    assert!(
        outer.what.contains("state `Suspend1` is new"),
        "{}",
        outer.what
    );
}

#[test]
fn a_local_that_is_dead_at_every_await_is_no_change() {
    assert_eq!(
        changes(&source("", "r"), &source("", "let twice = r * 2; twice")),
        []
    );
}

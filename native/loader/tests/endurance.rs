//! Many patches. `cargo test` plays a short form; with NX_HOTPATCH_LONG=1 it is the whole number.
mod support;

use std::collections::HashMap;

use support::image::{Image, VALUE};
use support::program::Program;
use support::session::{Connection, Session};

fn patches(long: u32, short: u32) -> u32 {
    let is_long = std::env::var_os("NX_HOTPATCH_LONG").is_some_and(|value| value == "1");
    if is_long {
        long
    } else {
        short
    }
}

/// Applies one patch after the other, all made from one image.
struct Series<'f> {
    source: String,
    functions: &'f [&'f str],
    first: Option<Image>,
}

impl<'f> Series<'f> {
    fn new(source: &str, functions: &'f [&'f str]) -> Self {
        Self {
            source: source.replace("VALUE", &format!("{VALUE:#x}")),
            functions,
            first: None,
        }
    }

    fn apply(&mut self, session: &mut Session<'_>, process: &mut Connection, value: u32) {
        let patch = session.patch(&process.hello, &self.source, self.functions);
        let first = self.first.get_or_insert_with(|| patch.build());
        let image = patch.build_like(first, value);
        process.apply(patch.id, &image.bytes).unwrap();
        session.note(&patch, &image);
    }
}

/// Lines of /proc/PID/status and smaps_rollup, in KiB.
fn memory(pid: u32) -> HashMap<String, i64> {
    let read = |file: &str| std::fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap();
    let text = read("status") + &read("smaps_rollup");
    let field = |line: &str| {
        let (name, rest) = line.split_once(':')?;
        let value = rest.trim().strip_suffix(" kB")?.trim().parse().ok()?;
        Some((name.to_owned(), value))
    };
    text.lines().filter_map(field).collect()
}

#[test]
fn patches_of_one_function_leave_no_memory_behind() {
    let count = patches(1000, 150);
    let program = Program::c("handshake");
    let mut session = Session::start(&program);
    let mut process = session.meet_with_parking();
    let mut series = Series::new("int new_value(void) { return VALUE; }", &["value"]);
    let before = memory(session.pid());
    let mut address_space = 0;
    for patch in 1..=count {
        series.apply(&mut session, &mut process, patch);
        assert_eq!(session.ask("?"), patch.to_string());
        if patch % 10 == 0 {
            let replaced: Vec<u32> = (patch - 9..patch)
                .chain([patch.saturating_sub(10)])
                .collect();
            let (unloaded, kept) = process.unload(&replaced);
            assert_eq!((unloaded.len(), kept), (10, vec![]));
        }
        if patch == 20 {
            address_space = memory(session.pid())["VmSize"];
        }
    }
    let after = memory(session.pid());
    let grown = |name: &str| after[name] - before[name];
    println!(
        "{count} patches: VmRSS {} KiB, RssAnon {} KiB, private dirty {} KiB, address space {} KiB",
        grown("VmRSS"),
        grown("RssAnon"),
        grown("Private_Dirty"),
        after["VmSize"] - address_space,
    );
    assert!(grown("VmRSS") < 4096, "{} KiB", grown("VmRSS"));
    assert!(grown("Private_Dirty") < 4096);
    assert_eq!(after["VmSize"], address_space);
    session.finish();
}

#[test]
fn no_wait_is_cut_short() {
    let count = patches(200, 40);
    let program = Program::c("waits");
    let mut session = Session::start_with(&program, &["32"]);
    let mut process = session.meet_with_parking();
    let mut series = Series::new("int new_value(void) { return VALUE; }", &["value"]);
    for patch in 1..=count {
        series.apply(&mut session, &mut process, patch);
        assert_eq!(session.ask("?"), patch.to_string());
        if patch % 20 == 0 {
            process.unload(&[patch - 1, patch - 2]);
        }
    }
    let end = session.finish();
    println!("{count} patches: {end}");
    assert!(
        end.starts_with("interrupted 0 early 0 ended 32 turns 1 "),
        "{end}"
    );
}

#[test]
fn sixty_four_busy_threads_survive_patches_of_what_they_run() {
    let count = patches(1000, 60);
    let program = Program::c("threads");
    let mut session = Session::start_with(&program, &["64"]);
    let mut process = session.meet_with_parking();
    let source = "int new_first(void) { return VALUE; }
         int new_second(int at_least) { return at_least < 0 ? -1 : VALUE; }";
    let mut series = Series::new(source, &["first", "second"]);
    for patch in 1..=count {
        series.apply(&mut session, &mut process, patch);
        if patch % 10 == 0 {
            let answer = session.ask("?");
            assert!(answer.starts_with(&format!("{patch} 0 ")), "{answer}");
            process.unload(&(1..patch).collect::<Vec<_>>());
        }
    }
    println!("{count} patches under 64 threads");
    assert_eq!(session.finish(), "wrong 0\n");
}

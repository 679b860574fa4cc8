//! `cargo test --release -- --ignored --nocapture read_speed` prints what a large unit costs.

use super::sample::{compile, parse};
use crate::layout::{compare, DebugTables};
use object::{Object as _, ObjectSection as _};
use std::time::{Duration, Instant};

/// Sixty modules' worth of collections, iterators, closures and formatting in one unit.
fn source() -> String {
    let one = |i: u32| {
        format!(
            "#[derive(Debug, Clone, PartialEq)] pub struct S{i} {{ a: u32, b: String, c: Option<Box<S{i}>>, d: Vec<(u8, u64)> }}
            #[derive(Debug, Clone)] pub enum E{i} {{ A(S{i}), B {{ x: u32, y: i64 }}, C }}
            pub fn f{i}(m: &mut HashMap<String, S{i}>, b: &mut BTreeMap<u32, E{i}>, v: &[S{i}]) -> Result<Vec<E{i}>, String> {{
                let r: Vec<E{i}> = v.iter().filter(|s| s.a > {i}).map(|s| E{i}::A(s.clone())).collect();
                for (k, s) in m.iter_mut() {{ s.a += k.len() as u32; b.insert(s.a, E{i}::B {{ x: s.a, y: 1 }}); }}
                let q: VecDeque<S{i}> = v.iter().cloned().collect();
                let mut l: BinaryHeap<u32> = q.iter().map(|s| s.a).collect(); l.push(1);
                let a = Arc::new(Mutex::new(q)); let g = a.lock().map_err(|e| e.to_string())?;
                let mut z: Vec<_> = g.iter().collect(); z.sort_by(|a, b| a.a.cmp(&b.a).then_with(|| a.b.cmp(&b.b)));
                println!(\"{{:?}} {{:?}}\", z, r); Ok(r)
            }}"
        )
    };
    let parts: Vec<String> = (0..60).map(one).collect();
    format!(
        "use std::collections::*; use std::sync::*;\n{}",
        parts.join("\n")
    )
}

fn best_of(rounds: u32, mut work: impl FnMut()) -> Duration {
    let mut once = || {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..rounds).map(|_| once()).min().unwrap()
}

#[test]
#[ignore = "a measurement: run it alone, in release"]
fn read_speed() {
    let object = compile(&source(), &[]);
    let elf = parse(&object);
    let size = elf.section_by_name(".debug_info").unwrap().size() as f64 / 1e6;
    let tables = DebugTables::read(&elf).unwrap();
    let read = best_of(20, || drop(DebugTables::read(&elf).unwrap())).as_secs_f64() * 1e3;
    let same =
        best_of(20, || assert_eq!(compare(&tables.types, &tables.types), [])).as_secs_f64() * 1e3;
    let (types, signatures) = (tables.types.len(), tables.signatures.len());
    println!("{size:.2} MB of .debug_info, {types} types, {signatures} signatures:");
    println!(
        "read {read:.1} ms ({:.2} ms/MB), compare {same:.2} ms",
        read / size
    );
}

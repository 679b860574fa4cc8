//! Images that lead entries back to earlier code and bring none of their own.
mod support;

use nx_hotpatch_loader::arch;
use serde_json::{json, Value};
use support::program::Program;
use support::session::{Connection, Session};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn version(value: u32) -> String {
    format!("int new_version(void) {{ return {value}; }}")
}

/// A jump that reaches `to` from `from`, both relative to the load bias.
fn jump(from: i64, to: i64) -> [u8; 5] {
    let far = 1 << 40;
    arch::jump((far + from) as usize, (far + to) as usize).unwrap()
}

/// A function of the program in two versions: the original, and one by a patch.
struct Replaced {
    original: i64,
    patched: i64,
    /// What was in front of each before anything was redirected.
    original_code: Vec<u8>,
    patched_code: Vec<u8>,
}

impl Replaced {
    fn apply(session: &mut Session, process: &mut Connection, name: &str, source: &str) -> Self {
        let program = session.program;
        let patch = session.patch(&process.hello, source, &[name]);
        let image = patch.build();
        process.apply(patch.id, &image.bytes).unwrap();
        session.note(&patch, &image);
        let file = object::read::elf::ElfFile64::<object::LittleEndian>::parse(&*image.bytes);
        let file = file.unwrap();
        let text = object::Object::section_by_name(&file, ".text").unwrap();
        let section = object::ObjectSection::data(&text).unwrap();
        let within = (image.new[0] - object::ObjectSection::address(&text)) as usize;
        Self {
            original: program.address(name) as i64,
            patched: patch.distance + image.new[0] as i64,
            original_code: program.bytes(program.address(name), 16),
            patched_code: section[within..within + 5].to_vec(),
        }
    }

    /// The original runs again, and who has a pointer to the patch comes to it too.
    fn restores(&self) -> Vec<Value> {
        let mut now = self.original_code.clone();
        now[..5].copy_from_slice(&jump(self.original, self.patched));
        vec![
            json!({"symbol": "f", "name": "f", "at": self.original, "bytes": hex(&now), "original": hex(&self.original_code[..5])}),
            json!({"symbol": "f", "name": "f", "at": self.patched, "bytes": hex(&self.patched_code), "original": hex(&jump(self.patched, self.original))}),
        ]
    }

    /// The other way round.
    fn brought_back(&self) -> Vec<Value> {
        let mut now = self.patched_code.clone();
        now[..5].copy_from_slice(&jump(self.patched, self.original));
        vec![
            json!({"symbol": "f", "name": "f", "at": self.original, "bytes": hex(&self.original_code), "original": hex(&jump(self.original, self.patched))}),
            json!({"symbol": "f", "name": "f", "at": self.patched, "bytes": hex(&now), "original": hex(&self.patched_code)}),
        ]
    }
}

/// A patch without any code.
fn restore(session: &mut Session, process: &Connection, restores: Vec<Value>) -> (u32, Vec<u8>) {
    let mut patch = session.patch(&process.hello, "", &[]);
    // Where it would lie is of no interest.
    patch.distance = 0;
    patch.restores = restores;
    (patch.id, patch.build().bytes)
}

#[test]
fn an_entry_gets_its_own_code_again_and_the_code_of_a_patch_again() {
    let program = Program::c("restores");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    let one = Replaced::apply(&mut session, &mut process, "version", &version(1));
    assert_eq!(session.ask("?"), "1");
    let rounds: Vec<_> = (0..10)
        .flat_map(|_| [one.restores(), one.brought_back()])
        .map(|restores| restore(&mut session, &process, restores))
        .collect();
    for (round, (id, image)) in rounds.iter().enumerate() {
        let applied = process.apply(*id, image).unwrap();
        let bias = applied.functions[0].old.0 - one.original as u64;
        let current = if round % 2 == 0 {
            one.original
        } else {
            one.patched
        };
        for function in &applied.functions {
            assert_eq!(function.new.0, bias.wrapping_add_signed(current));
        }
        assert_eq!(session.ask("?"), ["0", "1"][round % 2]);
    }
    assert_eq!(session.finish(), "wrong 0\n");
}

#[test]
fn a_thread_inside_of_a_replaced_function_finishes_the_code_that_it_entered() {
    let program = Program::c("restores");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    let source = "int sem_wait(void *);
        int new_waiting(void) { while (sem_wait(HOST($gate))) {} return 1; }";
    let patched = Replaced::apply(&mut session, &mut process, "waiting", source);
    assert_eq!(session.ask("enter"), "entered");
    let (id, image) = restore(&mut session, &process, patched.restores());
    process.apply(id, &image).unwrap();
    assert_eq!(session.ask("leave"), "1");
    assert_eq!(session.ask("enter"), "entered");
    assert_eq!(session.ask("leave"), "0");
    assert_eq!(session.finish(), "wrong 0\n");
}

#[test]
fn other_bytes_than_expected_are_refused_and_nothing_changes() {
    let program = Program::c("restores");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    let one = Replaced::apply(&mut session, &mut process, "version", &version(1));
    let mut wrong = one.restores();
    wrong[1]["bytes"] = json!("0102030405");
    let (id, image) = restore(&mut session, &process, wrong);
    assert_eq!(
        process.apply(id, &image).unwrap_err()[0].code,
        "foreign-image"
    );
    let mut data = one.restores();
    data[0]["at"] = json!(program.address("gate"));
    let (id, image) = restore(&mut session, &process, data);
    assert_eq!(
        process.apply(id, &image).unwrap_err()[0].code,
        "corrupt-patch"
    );
    let mut short = one.restores();
    short[0]["original"] = json!("55");
    let (id, image) = restore(&mut session, &process, short);
    assert_eq!(
        process.apply(id, &image).unwrap_err()[0].code,
        "corrupt-patch"
    );
    assert_eq!(session.ask("?"), "1");
}

#[test]
fn an_image_of_restores_can_be_undone_and_lies_nowhere() {
    let program = Program::c("restores");
    let mut session = Session::start(&program);
    let mut process = session.meet();
    let one = Replaced::apply(&mut session, &mut process, "version", &version(1));
    // `restore` gives it the place of the program itself, where nothing could be loaded.
    let (id, image) = restore(&mut session, &process, one.restores());
    process.apply(id, &image).unwrap();
    assert_eq!(session.ask("?"), "0");
    process.undo(id).unwrap();
    assert_eq!(session.ask("?"), "1");
}

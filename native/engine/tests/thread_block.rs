//! Where an image's thread-locals are: the file of a program says it, and for a shared library a process that has it.

use hotpatch_engine::format::host::HostImage;
use hotpatch_engine::service;
use std::path::{Path, PathBuf};
use std::process::Command;

/// 16 bytes of thread-locals, `second` in the middle of them.
const SOURCE: &str =
    "__thread long first = 1, second = 2; int main(void) { return first + second; }";

fn image(name: &str, options: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("thread_block");
    std::fs::create_dir_all(&folder).unwrap();
    let (source, path) = (folder.join(format!("{name}.c")), folder.join(name));
    std::fs::write(&source, SOURCE).unwrap();
    let status = Command::new("cc")
        .args(["-g", "-Wl,--build-id"])
        .args(options)
        .args([&source, Path::new("-o"), &path])
        .status();
    assert!(status.unwrap().success());
    path
}

fn offset_of_second(host: &HostImage) -> Option<i64> {
    host.thread_offset(host.symbol("second").unwrap())
}

#[test]
fn that_of_a_program_ends_at_the_thread_pointer() {
    for (name, options) in [
        ("pie", ["-fPIE", "-pie"]),
        ("fixed", ["-fno-pie", "-no-pie"]),
    ] {
        let host = HostImage::open(&image(name, &options)).unwrap();
        let second = host.symbol("second").unwrap().address as i64;
        assert_eq!(offset_of_second(&host), Some(second - 16), "{name}");
        assert!(!host.misses_thread_block());
    }
}

#[test]
fn that_of_a_shared_library_is_where_a_process_says() {
    let mut host = HostImage::open(&image("library.so", &["-fPIC", "-shared"])).unwrap();
    assert_eq!(offset_of_second(&host), None);
    assert!(host.misses_thread_block());
    host.set_thread_block(-440);
    let second = host.symbol("second").unwrap().address as i64;
    assert_eq!(offset_of_second(&host), Some(second - 440));
    assert!(!host.misses_thread_block());
}

#[test]
fn without_it_nothing_is_compared() {
    let path = image("untold.so", &["-fPIC", "-shared"]);
    let ask = |request: serde_json::Value| service::call(&request.to_string());
    let opened =
        ask(serde_json::json!({"op": "open", "image": path, "crates": [], "archives": []}));
    let opened: serde_json::Value = serde_json::from_str(&opened.unwrap().json).unwrap();
    let diff = |block: Option<i64>| {
        ask(
            serde_json::json!({"op": "diff", "host": opened["host"], "changed": [], "threadBlock": block}),
        )
    };
    let error = diff(None).map(|reply| reply.json).unwrap_err();
    assert!(
        error
            .ends_with("is a shared library, and no process has said where its thread-locals are."),
        "{error}"
    );
    assert!(diff(Some(-440)).is_ok());
}

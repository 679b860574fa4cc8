fn main() {
    println!("cargo:rerun-if-changed=c");
    cc::Build::new()
        .file("c/check_digit.c")
        .include("c")
        .compile("check_digit");
}

#![no_main]
nx_hotpatch_fuzz::libfuzzer_target!("protocol");

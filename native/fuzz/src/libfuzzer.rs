//! The bridge to libFuzzer: its input goes to a target, and half of its mutations are ours.

use crate::mutate::mutate;
use crate::random::Random;
use crate::targets::Target;

pub use libfuzzer_sys;

/// Changes the first `size` bytes of `data` in place; gives the new size. `whole` is libFuzzer's own mutation.
pub fn mutate_in_place(
    target: &Target,
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    whole: impl FnOnce(&mut [u8], usize, usize) -> usize,
) -> usize {
    let mut random = Random::new(seed.into());
    if random.one_in(3) {
        return whole(data, size, max_size);
    }
    let mut input = data.get(..size).unwrap_or_default().to_vec();
    mutate(target.form, &mut input, &mut random);
    input.truncate(max_size.min(data.len()));
    for (to, from) in data.iter_mut().zip(&input) {
        *to = *from;
    }
    input.len()
}

/// The program of a fuzz target.
#[macro_export]
macro_rules! libfuzzer_target {
    ($name:literal) => {
        use $crate::libfuzzer::libfuzzer_sys::{self, fuzz_mutator, fuzz_target, fuzzer_mutate};

        fn target() -> &'static $crate::targets::Target {
            $crate::targets::find($name).expect("a target of this name")
        }

        fuzz_target!(|data: &[u8]| (target().run)(data));

        fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            $crate::libfuzzer::mutate_in_place(target(), data, size, max_size, seed, fuzzer_mutate)
        });
    };
}

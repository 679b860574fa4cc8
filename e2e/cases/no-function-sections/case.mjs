export default {
  behaviour:
    'A build whose functions have no sections of their own is refused with the option that takes them away.',
  // The option is for nightly compilers; this lets every one have it.
  env: () => ({ RUSTC_BOOTSTRAP: '1' }),
  fails: { code: 1, words: /no section for each function.*-Zfunction-sections=no/s },
};

/**
 * Variables that cargo, rustc and the usual build scripts heed and that can change what they make. Those that a crate
 * reads itself are found by scanning it, see `mentions.ts`.
 *
 * The Cargo Book, "Environment variables cargo reads" and "Configuration"; the crate `cc` for the C toolchain.
 */
const NAMES = [
  'RUSTFLAGS',
  'CARGO_ENCODED_RUSTFLAGS',
  'CARGO_BUILD_RUSTFLAGS',
  'CARGO_BUILD_TARGET',
  'CARGO_BUILD_RUSTC',
  'CARGO_BUILD_RUSTC_WRAPPER',
  'CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER',
  'CARGO_BUILD_DEP_INFO_BASEDIR',
  'CARGO_HOST_RUSTFLAGS',
  'RUSTC',
  'RUSTC_WRAPPER',
  'RUSTC_WORKSPACE_WRAPPER',
  'RUSTC_BOOTSTRAP',
  'RUSTC_LINKER',
  'RUSTUP_TOOLCHAIN',
  'CC',
  'CXX',
  'AR',
  'CFLAGS',
  'CXXFLAGS',
  'LDFLAGS',
];

/** The keys of a profile, as `CARGO_PROFILE_<name>_<key>` spells them. */
const PROFILE_KEYS = [
  'CODEGEN_UNITS',
  'DEBUG',
  'DEBUG_ASSERTIONS',
  'INCREMENTAL',
  'LTO',
  'OPT_LEVEL',
  'OVERFLOW_CHECKS',
  'PANIC',
  'RPATH',
  'SPLIT_DEBUGINFO',
  'STRIP',
];

/** Of the one target that hot patching knows. */
const TARGET_KEYS = ['LINKER', 'RUSTFLAGS'];

/** @param profile cargo's name of the profile that is built */
export function environmentInputs(profile: string): readonly { readonly env: string }[] {
  const spelled = profile.toUpperCase().replaceAll('-', '_');
  const names = [
    ...NAMES,
    ...PROFILE_KEYS.map((key) => `CARGO_PROFILE_${spelled}_${key}`),
    ...['OPT_LEVEL', 'DEBUG', 'CODEGEN_UNITS'].map((key) => `CARGO_PROFILE_${spelled}_BUILD_OVERRIDE_${key}`),
    ...TARGET_KEYS.map((key) => `CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_${key}`),
  ];
  return names.map((env) => ({ env }));
}

import { OTHER_PROFILE } from '../other-profile';

/**
 * Variables that cargo, rustc and the usual build scripts heed and that can change what they make. Those that a crate
 * reads itself are found by scanning it, see `mentions.ts`.
 *
 * The Cargo Book, "Environment variables cargo reads" and "Configuration"; the crate `cc` for the C toolchain; PyO3's guide for whether
 * a module is linked with Python.
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
  'CC',
  'CXX',
  'AR',
  'CFLAGS',
  'CXXFLAGS',
  'LDFLAGS',
  'PYO3_BUILD_EXTENSION_MODULE',
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

/** Of those, the keys that build scripts and proc macros have too. */
const BUILD_KEYS = ['OPT_LEVEL', 'DEBUG', 'CODEGEN_UNITS'];

/** Of the one target that hot patching knows. */
const TARGET_KEYS = ['LINKER', 'RUSTFLAGS'];

/** @param profiles cargo's names of those that are built */
export function environmentInputs(profiles: readonly string[]): readonly { readonly env: string }[] {
  const names = [
    ...NAMES,
    OTHER_PROFILE,
    ...profiles.flatMap(profileVariables),
    ...TARGET_KEYS.map((key) => `CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_${key}`),
  ];
  return names.map((env) => ({ env }));
}

function profileVariables(profile: string): readonly string[] {
  const prefix = `CARGO_PROFILE_${profile.toUpperCase().replaceAll('-', '_')}`;
  return [...PROFILE_KEYS, ...BUILD_KEYS.map((key) => `BUILD_OVERRIDE_${key}`)].map(
    (key) => `${prefix}_${key}`,
  );
}

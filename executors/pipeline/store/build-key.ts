import type { CaptureRequest } from '../artifacts';
import { digestOfText } from '../capture/crate-inputs';
import { withPython } from './python';

/**
 * Variables that cargo and rustc heed, and those that build scripts commonly do
 * (https://doc.rust-lang.org/cargo/reference/environment-variables.html).
 */
const HEEDED =
  /^(RUSTFLAGS|RUSTC|RUSTC_.*|CARGO_ENCODED_RUSTFLAGS|CARGO_BUILD_.*|CARGO_PROFILE_.*|CARGO_TARGET_.*|CC|CXX|CFLAGS|CXXFLAGS|LDFLAGS)$/;
/** Ours, which only a capture sets. */
const OURS = /^RUSTC_(WORKSPACE_)?WRAPPER$/;
/** Of those of cargo the ones that say where or how fast. Every compile is incremental here. */
const OF_NO_CONCERN = /^CARGO_(TARGET_DIR|BUILD_(TARGET_DIR|BUILD_DIR|JOBS|INCREMENTAL))$/;

/** What a build was asked for, without what only says where. */
export function requestKey(request: CaptureRequest): string {
  const {
    package: pkg,
    bin,
    example,
    features,
    allFeatures,
    noDefaultFeatures,
    profile,
    release,
    lib,
    cargoArgs,
  } = request;
  return digestOfText(
    JSON.stringify([
      [pkg, bin, example].map((name) => name ?? null),
      [...(features ?? [])].sort(),
      [allFeatures, noDefaultFeatures, release, lib].map(Boolean),
      profile ?? 'dev',
      cargoArgs ?? [],
    ]),
  );
}

/** @param named variables that build scripts of this build named by `cargo:rerun-if-env-changed=` */
export function environmentKey(env: NodeJS.ProcessEnv, named: readonly string[]): string {
  const { named: byValue, python } = withPython(named, env);
  const names = Object.keys(env).filter(
    (name) => (HEEDED.test(name) && !OF_NO_CONCERN.test(name)) || byValue.includes(name),
  );
  const values = names
    .filter((name) => !OURS.test(name))
    .sort()
    .map((name) => [name, env[name]]);
  return digestOfText(JSON.stringify(python === undefined ? values : [...values, python]));
}

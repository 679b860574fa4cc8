import { homedir } from 'node:os';
import path from 'node:path';
import { fromSamePath, SAME_PATH, toSamePath } from '../capture/same-path';
import type { Toolchain } from '../capture/toolchain';

/** Where things lie here that lie elsewhere on a colleague's machine. Paths are absolute. */
export interface Places {
  /** The workspace: what lies at `SAME_PATH`. */
  readonly workspace: string;
  readonly sysroot: string;
  readonly rustupHome: string;
  readonly cargoHome: string;
}

export function placesOf(workspace: string, { sysroot }: Toolchain, env: NodeJS.ProcessEnv): Places {
  return {
    workspace,
    sysroot,
    rustupHome: env.RUSTUP_HOME ?? path.join(homedir(), '.rustup'),
    cargoHome: env.CARGO_HOME ?? path.join(homedir(), '.cargo'),
  };
}

const SYSROOT = '/nx-hotpatch/sysroot';
const RUSTUP_HOME = '/nx-hotpatch/rustup-home';
const CARGO_HOME = '/nx-hotpatch/cargo-home';

/** JSON in which no path depends on the machine or the clone. */
export function toPortable(value: object, { workspace, sysroot, rustupHome, cargoHome }: Places): string {
  // A sysroot lies in rustup's folder, so it goes first; the workspace may be anywhere.
  const places = [
    [workspace, SAME_PATH],
    [sysroot, SYSROOT],
    [rustupHome, RUSTUP_HOME],
    [cargoHome, CARGO_HOME],
  ] as const;
  return places.reduce(
    (text, [here, there]) => toSamePath(text, here, there),
    `${JSON.stringify(value, null, 1)}\n`,
  );
}

export function fromPortable(text: string, { workspace, sysroot, rustupHome, cargoHome }: Places): unknown {
  const real = text
    .replaceAll(SYSROOT, sysroot)
    .replaceAll(RUSTUP_HOME, rustupHome)
    .replaceAll(CARGO_HOME, cargoHome);
  return JSON.parse(fromSamePath(real, workspace));
}

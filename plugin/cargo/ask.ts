import path from 'node:path';
import { inferPackage } from './infer';
import type { Membership } from './membership';
import { type CargoAnswer, CargoMissingError, cargoMetadata } from './metadata';

/**
 * What cargo says of a workspace.
 *
 * @param warn is told why, when cargo has no answer
 * @returns undefined when it has none
 */
export async function askCargo(
  { root }: Membership,
  nxRoot: string,
  warn: (message: string) => Promise<void>,
): Promise<CargoAnswer | undefined> {
  try {
    return await cargoMetadata(path.join(nxRoot, root.folder, 'Cargo.toml'), root.table, nxRoot);
  } catch (error) {
    await warn(fallbackReason(root.folder, error));
    return undefined;
  }
}

/**
 * What the manifests alone tell of a workspace.
 *
 * @param programs `programFiles` of each member, in the order of the members
 */
export function inferAnswer(
  { root, members }: Membership,
  programs: readonly (readonly string[])[],
): CargoAnswer {
  return { packages: members.map((member, at) => inferPackage(member, root, programs[at] ?? [])) };
}

function fallbackReason(folder: string, error: unknown): string {
  if (error instanceof CargoMissingError) {
    return 'There is no cargo on the PATH, so projects are read from Cargo.toml alone: install Rust from https://rustup.rs.';
  }
  const cause = error instanceof Error ? error.message : String(error);
  const manifest = path.posix.join(folder, 'Cargo.toml');
  return `Cargo does not accept ${manifest}, so its projects are read from Cargo.toml alone: ${cause}`;
}

import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BuildRecord } from '../../pipeline/artifacts';
import { linkOrCopy } from '../../pipeline/capture/atomic-file';

/** By which crate a library is an extension of a language, and what its host calls the file. */
const CONVENTIONS = [
  { crate: 'napi', ending: '.node' },
  { crate: 'pyo3', ending: '.so' },
] as const;

/**
 * Where the host looks for a shared library: what was asked for; else, beside the manifest, `<name>.node` for a library
 * that depends on napi and `<name>.so` for one that depends on pyo3; else nowhere but in the target folder.
 */
export function artifactPath({ image, crates }: BuildRecord, wanted: string | undefined): string | undefined {
  if (!image.shared || wanted !== undefined) return wanted;
  const crate = crates.find(({ id }) => id === image.crate);
  const folder = crate?.env.CARGO_MANIFEST_DIR;
  const convention = CONVENTIONS.find((each) => crate?.externs.some(({ name }) => name === each.crate));
  if (crate === undefined || folder === undefined || convention === undefined) return undefined;
  return join(folder, `${crate.name}${convention.ending}`);
}

/** Puts the library there. A process that has the file of before in memory keeps it: the new one gets the name. */
export function placeArtifact({ image }: BuildRecord, place: string): void {
  const fresh = `${place}.${process.pid}.tmp`;
  mkdirSync(dirname(place), { recursive: true });
  try {
    linkOrCopy(image.path, fresh);
    // rename(2) does nothing when both names are links to one file.
    rmSync(place, { force: true });
    renameSync(fresh, place);
  } finally {
    rmSync(fresh, { force: true });
  }
}

import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { BuildRecord } from '../../pipeline/artifacts';
import { linkOrCopy } from '../../pipeline/capture/atomic-file';
import { extensionFile } from './extension-file';

/**
 * Where the host looks for a shared library: what was asked for; else where an extension of its language is; else nowhere
 * but in the target folder.
 */
export function artifactPath({ image, crates }: BuildRecord, wanted: string | undefined): string | undefined {
  if (!image.shared || wanted !== undefined) return wanted;
  const crate = crates.find(({ id }) => id === image.crate);
  const folder = crate?.env.CARGO_MANIFEST_DIR;
  if (crate === undefined || folder === undefined) return undefined;
  return extensionFile(
    folder,
    crate.name,
    crate.externs.map(({ name }) => name),
  );
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

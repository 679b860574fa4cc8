import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { BuildRecord } from '../pipeline/artifacts';
import { isCode, writeWhole } from '../pipeline/capture/atomic-file';
import { digestOfTree } from '../pipeline/store/digest-tree';

/** A build from which patches can be made, and what its manifests were. */
export interface Base {
  readonly record: BuildRecord;
  /** `digestOfTree` of each of the record's manifests. */
  readonly manifests: Readonly<Record<string, string>>;
}

/** Rises whenever a file of before cannot be read any more. */
const FORMAT = 2;

/**
 * Keeps a build as the base of later patches: the program's last one. It holds paths of this clone, so it is no output that
 * a cache could bring elsewhere.
 */
export function keepBase(record: BuildRecord): void {
  const own = record.crates.find(({ id }) => id === record.image.crate);
  const pkg = own?.env.CARGO_PKG_NAME;
  if (pkg === undefined) return;
  const { targetDir, profile, image } = record;
  const file = baseFile(targetDir, profile, pkg, programOf(image));
  try {
    writeWhole(file, `${JSON.stringify({ format: FORMAT, record, manifests: digests(record) })}\n`);
  } catch {
    // A full disk, or a folder of somebody else: without a base the next patch builds one, and nothing else is lost.
  }
}

/** Its name for cargo. */
function programOf({ path: file, shared }: BuildRecord['image']): string {
  const name = path.basename(file);
  return shared ? name.replace(/^lib|\.so$/g, '') : name;
}

/** Undefined when the program was never built here, by another version, or so long ago that its units were removed. */
export function readBase(targetDir: string, profile: string, pkg: string, program: string): Base | undefined {
  try {
    const { format, ...base } = JSON.parse(
      readFileSync(baseFile(targetDir, profile, pkg, program), 'utf8'),
    ) as Base & {
      format: number;
    };
    return format === FORMAT && isThere(base) ? base : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The manifests that are not what they were. */
export function changedManifests({ record, manifests }: Base): readonly string[] {
  const present = digests(record);
  return record.manifests.filter((file) => present[file] !== manifests[file]);
}

function isThere({ record: { image, crates } }: Base): boolean {
  return [image.file, ...crates.flatMap(({ units, state }) => [units, state])].every((file) =>
    existsSync(file),
  );
}

function digests({ manifests }: BuildRecord): Base['manifests'] {
  return Object.fromEntries(manifests.map((file) => [file, digestOfTree(file)]));
}

function baseFile(targetDir: string, profile: string, pkg: string, program: string): string {
  return path.join(targetDir, 'hotpatch', 'bases', profile, pkg, `${program}.json`);
}

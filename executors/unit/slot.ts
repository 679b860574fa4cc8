import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isCode } from '../pipeline/capture/atomic-file';
import { digestOf } from '../pipeline/capture/crate-inputs';
import { CRATE_JSON, type CrateEntry } from '../pipeline/store/crate-entry';
import { Store } from '../pipeline/store/store';
import type { PackageOptions } from '../tasks/options';

/** Options of the `unit` executor. */
export interface UnitOptions extends PackageOptions {
  /** Name of the slot. */
  readonly slot: string;
}

/** One codegen unit of a slot. */
export interface SlotUnit {
  readonly crate: string;
  /** Without `.o`. */
  readonly unit: string;
  /** Absolute path of the object. */
  readonly object: string;
}

/**
 * The units that a slot of a package holds now, of all its crates.
 *
 * @throws Error when one is not what its crate's compile made: the index of such an object would pass for that of the real
 *   one, because the task's hash is made of what the compile said
 */
export async function unitsOf(
  { package: pkg, targetDir, profile, slot }: UnitOptions,
  root: string,
): Promise<readonly SlotUnit[]> {
  const crates = new Store(path.resolve(root, targetDir), profile).crates(pkg);
  const units: SlotUnit[] = [];
  for (const crate of await namesIn(crates)) {
    const folder = path.join(crates, crate, 'units', slot);
    const names = (await namesIn(folder)).filter((name) => name.endsWith('.o'));
    if (names.length === 0) continue;
    const made = await digestsIn(path.join(crates, crate, CRATE_JSON));
    for (const name of names) {
      const object = path.join(folder, name);
      if (digestOf(object) !== made[`units/${slot}/${name}`]) {
        throw new Error(
          `${path.relative(root, object)} is not what the compile of ${pkg} made: run its hotpatch-codegen again with --skip-nx-cache.`,
        );
      }
      units.push({ crate, unit: name.slice(0, -2), object });
    }
  }
  return units;
}

/** What the crate's compile made, by the files' names; nothing when that cannot be read. */
async function digestsIn(file: string): Promise<Readonly<Record<string, string>>> {
  try {
    return (JSON.parse(await readFile(file, 'utf8')) as Partial<CrateEntry>).files ?? {};
  } catch {
    return {};
  }
}

/**
 * Moves the indexes that the engine left beside the objects to where the slot's task has its outputs. The folder of before
 * is replaced as a whole: what it holds of units that are no more must go.
 */
export async function takeIndexes(
  { package: pkg, targetDir, profile, slot }: UnitOptions,
  root: string,
  units: readonly SlotUnit[],
): Promise<void> {
  const folder = new Store(path.resolve(root, targetDir), profile).indexes(pkg, slot);
  const draft = `${folder}.${process.pid}.draft`;
  await mkdir(draft, { recursive: true });
  for (const { crate, unit, object } of units) {
    await mkdir(path.join(draft, crate), { recursive: true });
    await rename(object.replace(/\.o$/, '.index'), path.join(draft, crate, `${unit}.index`));
  }
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    // A slot into which no unit's name falls, or a package none of whose crates is in a program.
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

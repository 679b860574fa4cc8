import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isCode } from '../pipeline/capture/atomic-file';
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

/** The units that a slot of a package holds now, of all its crates. */
export async function unitsOf(
  { package: pkg, targetDir, slot }: UnitOptions,
  root: string,
): Promise<readonly SlotUnit[]> {
  const crates = new Store(path.resolve(root, targetDir)).crates(pkg);
  const units: SlotUnit[] = [];
  for (const crate of await namesIn(crates)) {
    const folder = path.join(crates, crate, 'units', slot);
    for (const name of await namesIn(folder)) {
      if (name.endsWith('.o'))
        units.push({ crate, unit: name.slice(0, -2), object: path.join(folder, name) });
    }
  }
  return units;
}

/**
 * Moves the indexes that the engine left beside the objects to where the slot's task has its outputs. The folder of before
 * is replaced as a whole: what it holds of units that are no more must go.
 */
export async function takeIndexes(
  { package: pkg, targetDir, slot }: UnitOptions,
  root: string,
  units: readonly SlotUnit[],
): Promise<void> {
  const folder = new Store(path.resolve(root, targetDir)).indexes(pkg, slot);
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

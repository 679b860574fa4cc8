import path from 'node:path';
import type { ThirdPartyUnit } from '../artifacts';
import { namesIn } from './atomic-file';
import type { CargoBuild } from './cargo-build';

/** What cargo's names of outputs and folders end in: the hash of the unit that made them. */
const HASH = /-([0-9a-f]{16})(?:\.[a-z]+)?$/;

/**
 * What cargo made of packages from elsewhere, with the folders in which it keeps what it knows of each
 * (`cargo::core::compiler::fingerprint`):
 *
 *     <profile>/.fingerprint/<package>-<hash>/   by which cargo tells that it is fresh
 *     <profile>/deps/lib<crate>-<hash>.rlib      a library
 *     <profile>/build/<package>-<hash>/          a build script, or what a run of one left
 */
export function thirdPartyUnits({ artifacts, buildScriptRuns }: CargoBuild): readonly ThirdPartyUnit[] {
  const folders = new Map<string, string>();
  const units: ThirdPartyUnit[] = [];
  for (const { local, package: pkg, manifest, files } of artifacts) {
    folders.set(pkg, path.dirname(manifest));
    const [file] = files;
    if (local || file === undefined) continue;
    const sources = path.dirname(manifest);
    const folder = path.dirname(file);
    const made = path.basename(folder) === 'deps' ? { files } : { files: [], folder };
    units.push(...unit(path.basename(folder) === 'deps' ? file : folder, { ...made, sources }));
  }
  for (const { package: pkg, folder } of buildScriptRuns) {
    const sources = folders.get(pkg);
    if (sources === undefined || pkg.startsWith('path+')) continue;
    units.push(...unit(folder, { files: [], folder, sources }));
  }
  return units;
}

/** @param made a file in `deps`, or a folder in `build` */
function unit(made: string, of: Omit<ThirdPartyUnit, 'fingerprint'>): readonly ThirdPartyUnit[] {
  const hash = HASH.exec(made)?.[1];
  const all = path.join(path.dirname(path.dirname(made)), '.fingerprint');
  const found = namesIn(all).find((name) => name.endsWith(`-${hash}`));
  return found === undefined ? [] : [{ ...of, fingerprint: path.join(all, found) }];
}

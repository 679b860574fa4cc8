import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { compileKey, type Request, type Requester } from './compile-key';
import { contentsOf, type Member, programsContaining } from './containment';
import { CargoLock } from './lock';
import type { Table } from './manifest';
import type { PackageCompile } from './package';

/** A package as `cargo metadata` lists it, and its folder relative to the Nx root. */
export interface Listed extends Requester, Member {}

/**
 * What decides the compile of each package that a program contains, by folder; empty when there is no lock file, because
 * cargo then takes what is newest on the day.
 *
 * @param workspaceRoot absolute folder of the Cargo workspace
 * @param root          its manifest
 * @param outer         `outerSettings`
 */
export function packageCompiles(
  listed: readonly Listed[],
  workspaceRoot: string,
  root: Table,
  outer: string,
): ReadonlyMap<string, PackageCompile> {
  const file = path.join(workspaceRoot, 'Cargo.lock');
  if (!existsSync(file)) return new Map();
  const lock = new CargoLock(readFileSync(file, 'utf8'));
  const byFolder = new Map(listed.map((found) => [found.folder, found]));
  const containing = programsContaining(byFolder);
  return new Map(
    listed.flatMap((found) => {
      const programs = containing.get(found.folder) ?? [];
      if (programs.length === 0) return [];
      const folders = new Set(programs.flatMap((program) => contentsOf(program, byFolder)));
      const neighbours = [...folders].flatMap((folder) => byFolder.get(folder) ?? []);
      const [program, ...others] = programs;
      const compile: PackageCompile = {
        needs: found.needs,
        ...(program !== undefined && others.length === 0 ? { onlyProgram: program.folder } : {}),
        key: compileKey(found, neighbours, lock, root, outer),
      };
      return [[found.folder, compile]];
    }),
  );
}

/** Whether a dependency is compiled before the crates that a program of others contains: dev dependencies are not. */
export function isCompiledBefore({ kind }: Request): boolean {
  return kind !== 'dev';
}

import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { BuildRecord } from '../artifacts';
import { linkOrCopy, namesIn } from '../capture/atomic-file';
import { digestOf } from '../capture/crate-inputs';
import { Store } from './store';

/** Puts the libraries of third parties that a build needs into the store, each once, named by its content. */
export function publishThirdParty({ targetDir, libraries }: BuildRecord, pkg: string): void {
  const folder = new Store(targetDir).thirdParty(pkg);
  mkdirSync(folder, { recursive: true });
  const names = new Set<string>();
  for (const { path: file, local } of libraries) {
    if (local) continue;
    const name = thirdPartyName(file, digestOf(file) ?? '');
    names.add(name);
    if (!existsSync(path.join(folder, name))) linkOrCopy(file, path.join(folder, name));
  }
  for (const name of namesIn(folder))
    if (!names.has(name)) rmSync(path.join(folder, name), { recursive: true });
}

export function thirdPartyName(file: string, digest: string): string {
  return `${digest.slice(0, 16)}-${path.basename(file)}`;
}

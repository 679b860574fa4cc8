import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { CrateRecord } from '../artifacts';
import { optionValues } from './crate-arguments';

/**
 * Archives that rustc may bundle into a crate's library (`-l static=…`, `#[link(kind = "static")]`): those that its build
 * script made, wherever it put them below OUT_DIR, and those that the command line names.
 *
 * @returns absolute paths, sorted
 */
export function nativeLibraries({
  args,
  env,
  cwd,
}: Pick<CrateRecord, 'args' | 'env' | 'cwd'>): readonly string[] {
  const folders = optionValues(args, '-L').flatMap((value) => folderOf(value) ?? []);
  const names = optionValues(args, '-l').flatMap((value) => staticName(value) ?? []);
  const named = folders
    .flatMap((folder) => names.map((name) => path.resolve(cwd, folder, `lib${name}.a`)))
    .filter((file) => existsSync(file));
  return [...new Set([...named, ...archivesBelow(env.OUT_DIR)])].sort();
}

/** Of `[KIND=]PATH`: native libraries are looked for in those of two kinds, and of none. */
function folderOf(value: string): string | undefined {
  const [kind, folder] = /^(\w+)=(.*)$/s.exec(value)?.slice(1) ?? ['all', value];
  return kind === 'native' || kind === 'all' ? folder : undefined;
}

/** Of `[KIND[:MODIFIERS]=]NAME[:RENAME]`. One without a kind is bundled when there is only an archive of it. */
function staticName(value: string): string | undefined {
  const [kind, name] = /^([^=]*)=(.*)$/s.exec(value)?.slice(1) ?? ['static', value];
  return kind?.split(':')[0] === 'static' ? name?.split(':')[0] : undefined;
}

function archivesBelow(folder: string | undefined): readonly string[] {
  if (folder === undefined || !existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.a'))
    .map((file) => path.join(folder, file));
}

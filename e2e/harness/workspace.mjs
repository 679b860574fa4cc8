/** Where a case plays: a fresh copy of a fixture with the case's own files laid over it. */
import { cp, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

const untracked = new Set(['target', 'node_modules', '.nx']);

/** @param {string} fixture name of a folder in `workspace-fixtures` */
export async function makeWorkspace(fixture, folder) {
  await cp(join(repository, 'workspace-fixtures', fixture), folder, {
    recursive: true,
    filter: (source) => !untracked.has(source.slice(source.lastIndexOf('/') + 1)),
  });
}

/** Lays the files of `layer` over `folder`; a missing layer lays nothing. Gives the relative paths laid. */
export async function lay(layer, folder) {
  const files = await filesBelow(layer);
  for (const file of files) {
    const { mode } = await stat(join(layer, file));
    await save(join(folder, file), await readFile(join(layer, file)), mode);
  }
  return files;
}

/** Saves as an editor does: the same file, written in one call. */
export async function save(path, content, mode = 0o644) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content, { mode });
}

/** Makes `nx` and the plugin resolvable in the workspace, as an installation would. */
export async function linkPackages(folder) {
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, '@nx'), { recursive: true });
  await mkdir(join(modules, '.bin'), { recursive: true });
  await symlink(join(repository, 'node_modules/nx'), join(modules, 'nx'));
  await symlink(join(repository, 'node_modules/@nx/devkit'), join(modules, '@nx/devkit'));
  await symlink(repository, join(modules, 'nx-hotpatch'));
  await symlink('../nx/dist/bin/nx.js', join(modules, '.bin/nx'));
}

async function filesBelow(folder, prefix = '') {
  let entries;
  try {
    entries = await readdir(join(folder, prefix), { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
  const nested = await Promise.all(
    entries.map((entry) => {
      const path = join(prefix, entry.name);
      return entry.isDirectory() ? filesBelow(folder, path) : [path];
    }),
  );
  return nested.flat().sort();
}

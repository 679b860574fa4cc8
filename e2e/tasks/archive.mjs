/** Looks into the archives that Nx keeps in a remote cache, and makes others of them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Paths in the archive. */
export function filesOf(archive) {
  return unpacked(archive, (folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)),
  );
}

/** The archive after `change(folder)` has edited its files. */
export function edited(archive, change) {
  return unpacked(archive, (folder) => {
    change(folder);
    return execFileSync('tar', ['-czf', '-', '-C', folder, ...readdirSync(folder)], { maxBuffer: 1 << 30 });
  });
}

function unpacked(archive, use) {
  const scratch = mkdtempSync(join(tmpdir(), 'nxhp-archive-'));
  try {
    const file = join(scratch, 'archive');
    const folder = join(scratch, 'files');
    writeFileSync(file, archive);
    execFileSync('mkdir', [folder]);
    execFileSync('tar', ['-xf', file, '-C', folder]);
    return use(folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Runs `npm ci` when node_modules is missing or is not what package-lock.json says. Compared by content, because a
 * checkout gives files new times; npm writes what it installed to node_modules/.package-lock.json.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

function packages(lockFile) {
  return JSON.parse(readFileSync(path.join(root, lockFile), 'utf8')).packages;
}

/** Optional packages may be absent: they are for other platforms. */
function isInstalled() {
  try {
    const installed = packages('node_modules/.package-lock.json');
    return Object.entries(packages('package-lock.json')).every(([folder, wanted]) => {
      const found = installed[folder];
      if (folder === '') return true;
      return found === undefined ? wanted.optional === true : found.version === wanted.version;
    });
  } catch {
    return false;
  }
}

if (!isInstalled()) {
  console.log('installing dependencies (npm ci)');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    console.error('✗ npm ci failed: see its message above.');
    console.log('0 passed, 1 failed');
    process.exitCode = 1;
  }
}

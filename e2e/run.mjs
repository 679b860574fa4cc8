/**
 * Plays the cases: `node e2e/run.mjs [filter ...] [--keep] [--jobs=N] [--toolchain=T]`. A filter is a part of a case's
 * name; a toolchain is as `harness/toolchain.mjs` says. The last line is `N passed, N failed`; the exit code is 1 when a case failed.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { playCase } from './harness/case.mjs';
import { useToolchain, versionOf } from './harness/toolchain.mjs';
import { repository } from './harness/workspace.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    keep: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '2' },
    toolchain: { type: 'string' },
  },
});
if (!existsSync(join(repository, 'dist/executors/hotpatch/executor.js'))) {
  console.error('dist/ holds no built executor: run `npm run build` first.');
  process.exit(1);
}
if (values.toolchain !== undefined) {
  useToolchain(values.toolchain);
  console.log(versionOf(undefined) ?? `there is no toolchain ${values.toolchain}`);
}

const cases = join(repository, 'e2e/cases');
const names = (await readdir(cases, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .filter((name) => positionals.length === 0 || positionals.some((filter) => name.includes(filter)))
  .sort();
// A short path: a Unix socket's may have 107 bytes, and the session's lies below this folder.
const scratch = await mkdtemp(join(tmpdir(), 'nxhp-'));
const failed = [];
const skipped = [];

async function player() {
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    const folder = join(scratch, name);
    const { error, seconds, missing } = await playCase(join(cases, name), folder);
    if (missing) {
      skipped.push(name);
      console.log(`- ${name}  SKIPPED: there is no ${missing}`);
      continue;
    }
    console.log(`${error ? '✗' : '✓'} ${name}  ${seconds.toFixed(1)} s`);
    if (error) {
      failed.push(name);
      report(name, error, folder);
    } else if (!values.keep) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

function report(name, error, folder) {
  const indented = (text) => text.replace(/^/gm, '    ');
  console.log(indented(error.transcript ?? ''));
  console.log(indented(error.stack ?? String(error)));
  console.log(indented(`kept: ${folder}`));
  console.log(
    indented(
      `again: node e2e/run.mjs ${name} --keep${values.toolchain ? ` --toolchain=${values.toolchain}` : ''}`,
    ),
  );
}

const total = names.length;
await Promise.all(Array.from({ length: Number(values.jobs) }, player));
if (failed.length === 0 && !values.keep) await rm(scratch, { recursive: true, force: true });
if (failed.length > 0) console.log(`failed: ${failed.join(' ')}`);
if (skipped.length > 0) console.log(`SKIPPED, not passed: ${skipped.join(' ')}`);
console.log(`${total - failed.length - skipped.length} passed, ${failed.length} failed`);
process.exit(failed.length === 0 && total > 0 ? 0 : 1);

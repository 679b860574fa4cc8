/**
 * The end-to-end suite once with each compiler: `node e2e/compilers/run.mjs [toolchain ...] [-- filter ...]`, of
 * `COMPILERS` those that this machine has when none is named. A toolchain is as `../harness/toolchain.mjs` says.
 * The last line is `N passed, N failed`; a named toolchain that is not there is a failure.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { versionOf } from '../harness/toolchain.mjs';

/** The oldest that the fixtures' edition allows, the one of today, the one of tomorrow, and a distribution's own. */
const COMPILERS = ['1.85', 'stable', 'nightly', '/usr/bin'];

const suite = fileURLToPath(new URL('../run.mjs', import.meta.url));
const given = process.argv.slice(2);
const split = given.includes('--') ? given.indexOf('--') : given.length;
const named = given.slice(0, split);
const filters = given.slice(split + 1);

/** Shows the suite's output as it comes and gives what its last line counted. */
function play(toolchain) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [suite, `--toolchain=${toolchain}`, ...filters], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let counted;
    createInterface({ input: child.stdout }).on('line', (line) => {
      console.log(line);
      counted = /^(\d+) passed, (\d+) failed$/.exec(line) ?? counted;
    });
    child.on('close', (code) => {
      const [passed, failed] = (counted ?? []).slice(1).map(Number);
      // A run that breaks off must never look like success.
      if (passed === undefined || (code !== 0 && failed === 0)) resolve({ passed: 0, failed: 1 });
      else resolve({ passed, failed });
    });
  });
}

const rows = [];
for (const toolchain of named.length > 0 ? named : COMPILERS) {
  const version = versionOf(toolchain);
  if (version === undefined) {
    rows.push({ toolchain, version: 'not on this machine', passed: 0, failed: named.length > 0 ? 1 : 0 });
    continue;
  }
  console.log(`\n── ${toolchain}: ${version}`);
  rows.push({ toolchain, version, ...(await play(toolchain)) });
}

console.log('\n| toolchain | compiler | passed | failed |\n| --- | --- | --- | --- |');
for (const { toolchain, version, passed, failed } of rows)
  console.log(`| ${toolchain} | ${version} | ${passed} | ${failed} |`);
const total = (key) => rows.reduce((sum, row) => sum + row[key], 0);
console.log(`${total('passed')} passed, ${total('failed')} failed`);
process.exit(total('failed') === 0 && total('passed') > 0 ? 0 : 1);

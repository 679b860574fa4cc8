/**
 * All suites of the cached tasks, one after the other. `npm run e2e:tasks [names]`; the last line is `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const suites = ['inputs', 'profiles', 'affected', 'slots', 'patch', 'libraries', 'session', 'words', 'team'];
const chosen = process.argv.length > 2 ? process.argv.slice(2) : suites;

let [passed, failed] = [0, 0];
for (const suite of chosen) {
  console.log(`${suite}:`);
  const counts = await play(suite);
  passed += counts.passed;
  failed += counts.failed;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** A suite that breaks off counts as one failure. */
async function play(suite) {
  const file = fileURLToPath(new URL(`./${suite}.mjs`, import.meta.url));
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
    process.stdout.write(data);
  });
  await new Promise((resolve) => child.once('close', resolve));
  const [, ...counts] = /^(\d+) passed, (\d+) failed$/.exec(output.trimEnd().split('\n').at(-1) ?? '') ?? [];
  const [passed = 0, failed = 1] = counts.map(Number);
  return { passed, failed };
}

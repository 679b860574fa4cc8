/**
 * Runs the suites one after the other and adds up what they report. The last line is `N passed, N failed`. A suite that
 * breaks off, or that reports nothing, counts as one failure: silence must never look like success.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: 'boolean', default: false } },
});
const scratch = mkdtempSync(path.join(tmpdir(), 'hotpatch-suites-'));
const jestReport = path.join(scratch, 'jest.json');

/**
 * The builder's target folder is for our own build: suites that run cargo in workspaces of their own, as a user would
 * (`usersCargo`), must not see it.
 */
const { CARGO_TARGET_DIR, CARGO_BUILD_TARGET_DIR, ...usersEnvironment } = process.env;

/** `count` reads { passed, failed } from what the command printed; null when it did not get that far. */
const suites = [
  { name: 'check', command: ['npm', 'run', '--silent', 'check'], count: nothing, when: values.check },
  { name: 'build', command: ['npm', 'run', '--silent', 'build'], count: nothing, needed: true },
  {
    name: 'unit',
    command: ['npx', 'jest', '--json', `--outputFile=${jestReport}`],
    count: jestCount,
    usersCargo: true,
  },
  {
    name: 'native',
    command: ['cargo', 'test', '--manifest-path', 'native/Cargo.toml', '--workspace', '--no-fail-fast'],
    count: cargoCount,
  },
  {
    name: 'fuzz',
    command: [
      ...['cargo', 'test', '--manifest-path', 'native/fuzz/Cargo.toml'],
      // Its dependencies are those of `native`, built alike.
      ...['--target-dir', CARGO_TARGET_DIR ?? 'native/target'],
      ...['--no-default-features', '--locked', '--no-fail-fast'],
    ],
    count: cargoCount,
  },
  { name: 'e2e', command: ['node', 'e2e/run.mjs'], count: lastLineCount, usersCargo: true },
  { name: 'replay', command: ['node', 'e2e/replay/self-test.mjs'], count: lastLineCount, usersCargo: true },
  {
    name: 'faults',
    command: ['node', 'e2e/faults/run.mjs', '--short'],
    count: lastLineCount,
    usersCargo: true,
  },
  { name: 'package', command: ['node', 'e2e/package/run.mjs'], count: lastLineCount },
].filter(({ name, when = true }) => when && (positionals.length === 0 || positionals.includes(name)));

function nothing() {
  return { passed: 0, failed: 0 };
}

function jestCount() {
  const report = JSON.parse(readFileSync(jestReport, 'utf8'));
  // A spec file that does not load has no tests that could fail.
  const broken = report.numRuntimeErrorTestSuites;
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken };
}

/** One `test result: ok. 3 passed; 0 failed; ...` for each test program. */
function cargoCount(output) {
  const results = [...output.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed;/gm)];
  const sum = (group) => results.reduce((total, result) => total + Number(result[group]), 0);
  return results.length === 0 ? null : { passed: sum(1), failed: sum(2) };
}

function lastLineCount(output) {
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/.exec(output.trimEnd().split('\n').at(-1)) ?? [];
  return passed === undefined ? null : { passed: Number(passed), failed: Number(failed) };
}

/** Runs a command with its output shown; gives its standard output and whether it succeeded. */
function run([tool, ...args], env) {
  return new Promise((resolve) => {
    const child = spawn(tool, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
    const chunks = [];
    child.stdout.on('data', (chunk) => {
      chunks.push(chunk);
      process.stdout.write(chunk);
    });
    child.on('error', (error) => resolve({ ok: false, output: error.message }));
    child.on('close', (code) => resolve({ ok: code === 0, output: Buffer.concat(chunks).toString() }));
  });
}

async function play({ name, command, count, usersCargo = false }) {
  console.log(`\n── ${name}: ${command.join(' ')}`);
  const start = performance.now();
  const { ok, output } = await run(command, usersCargo ? usersEnvironment : process.env);
  const result = counted(() => count(output)) ?? { passed: 0, failed: 0, reason: 'it reported no result' };
  if (!ok && result.failed === 0) result.reason ??= 'its command failed';
  if (result.reason !== undefined) result.failed += 1;
  return { name, ...result, seconds: (performance.now() - start) / 1000 };
}

function counted(count) {
  try {
    return count();
  } catch {
    return null;
  }
}

const results = [];
for (const suite of suites) {
  results.push(await play(suite));
  if (suite.needed && results.at(-1).failed > 0) break;
}
rmSync(scratch, { recursive: true });

console.log('');
for (const { name, passed, failed, reason, seconds } of results) {
  const mark = failed === 0 ? '✓' : '✗';
  const why = reason === undefined ? '' : ` (${reason})`;
  console.log(`${mark} ${name.padEnd(8)} ${passed} passed, ${failed} failed${why}  ${seconds.toFixed(0)} s`);
}
const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
process.exitCode = total('failed') === 0 && results.length > 0 ? 0 : 1;
console.log(`${total('passed')} passed, ${total('failed')} failed`);

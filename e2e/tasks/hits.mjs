/**
 * What it costs Nx when all tasks are hits, for 512 unit tasks: with its daemon, which knows that the outputs lie there, and
 * without, where each is laid down again. `node e2e/tasks/hits.mjs [rounds]` prints it; nothing is asserted.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment } from '../harness/task.mjs';
import { linkPackages } from '../harness/workspace.mjs';
import { commit, git, write } from './workspace.mjs';

const rounds = Number(process.argv[2] ?? 5);
const scratch = await mkdtemp(join(tmpdir(), 'nxhp-'));
const root = join(scratch, 'ws');
const names = Array.from({ length: 256 }, (_, at) => `m${at}`);
const manifest = (name, rest = '') =>
  `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2024"\n${rest}`;

await write(root, {
  'package.json': '{ "name": "wide", "private": true }\n',
  'nx.json': `${JSON.stringify({ plugins: [{ plugin: 'nx-hotpatch', options: { unitSlots: 256 } }], analytics: false })}\n`,
  '.gitignore': 'target/\nnode_modules/\n.nx/\n',
  'Cargo.toml': '[workspace]\nmembers = ["app", "wide"]\nresolver = "2"\n',
  'app/Cargo.toml': manifest('app', '[dependencies]\nwide = { path = "../wide" }\n'),
  'app/src/main.rs': 'fn main() {\n    println!("{}", wide::m0::number(2));\n}\n',
  'wide/Cargo.toml': manifest('wide'),
  'wide/src/lib.rs': names.map((name) => `pub mod ${name};\n`).join(''),
  ...Object.fromEntries(
    names.map((name, at) => [
      `wide/src/${name}.rs`,
      `pub fn number(count: u32) -> u32 {\n    count.wrapping_mul(${at})\n}\n`,
    ]),
  ),
});
execFileSync('cargo', ['generate-lockfile', '--offline', '--quiet'], { cwd: root });
git(root, 'init', '--quiet', '--initial-branch=main');
commit(root, 'all');
await linkPackages(root);

try {
  for (const daemon of ['true', 'false']) {
    // The first run fills the cache, and starts what stays.
    const runs = Array.from({ length: rounds + 1 }, () => run(daemon)).slice(1);
    const column = (at) => `${median(runs.map((times) => times[at])).toFixed(2)} s`;
    console.log(
      `${daemon === 'true' ? 'with' : 'without'} the daemon: ${column(0)} on the clock, ${column(1)} of processor time in the command`,
    );
  }
} finally {
  spawnSync(process.execPath, ['node_modules/nx/dist/bin/nx.js', 'daemon', '--stop'], { cwd: root });
  await rm(scratch, { recursive: true, force: true });
}

/** Seconds: on the clock, and of the processor. */
function run(daemon) {
  const command =
    'TIMEFORMAT="%R %U %S"; time "$0" node_modules/nx/dist/bin/nx.js run app:hotpatch-units > ../output 2>&1';
  const { stderr, status } = spawnSync('bash', ['-c', command, process.execPath], {
    cwd: root,
    encoding: 'utf8',
    env: environment(scratch, { NX_DAEMON: daemon, NX_TUI: 'false', LC_ALL: 'C' }),
  });
  if (status !== 0) throw new Error(`the tasks failed: ${stderr}`);
  const [clock, user, system] = stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return [clock, user + system];
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

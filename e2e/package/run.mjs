/**
 * What a user gets: packs the package as `npm publish` would, installs the tarball into an Nx workspace outside of this
 * repository, and uses it there. `node e2e/package/run.mjs [--keep]`; the last line is `N passed, N failed`.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { environment, Task } from '../harness/task.mjs';
import { makeWorkspace, repository, save } from '../harness/workspace.mjs';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const scratch = await mkdtemp(join(tmpdir(), 'nxhp-'));
const workspace = join(scratch, 'ws');
const installed = join(workspace, 'node_modules/nx-hotpatch');
let tarball;

/** Each builds on the ones before it. */
const steps = {
  async 'the tarball holds what is needed and nothing else'() {
    const packed = await run(repository, 'npm', ['pack', '--json', '--pack-destination', scratch], {}, true);
    // What the build prints comes first.
    const [report] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[\n')));
    tarball = join(scratch, report.filename);
    const files = report.files.map(({ path }) => path);
    const needed = ['executors.json', 'native/build.mjs', 'native/Cargo.lock', 'native/addon/binding.cc'];
    const built = ['hotpatch.node', 'libnx_hotpatch_loader.so', 'nx_hotpatch_announce.o'].map(
      (name) => `dist/native/linux-x64/${name}`,
    );
    for (const file of [...needed, ...built]) ok(files.includes(file), `${file} is packed`);
    const needless = /(^|\/)(target|tests|testing|vectors|e2e|workspace-fixtures|node_modules)\/|\.spec\./;
    deepEqual(
      files.filter((file) => needless.test(file)),
      [],
    );
  },

  async 'it installs into a workspace elsewhere, without an install script'() {
    await makeWorkspace('cases', workspace);
    const { devDependencies } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
    const nx = [`nx@${devDependencies.nx}`, `@nx/devkit@${devDependencies['@nx/devkit']}`];
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts'];
    await run(workspace, 'npm', ['install', '--save-dev', ...quiet, tarball, ...nx]);
  },

  async 'its plugin finds the projects'() {
    const { stdout } = await run(workspace, 'npx', ['nx', 'show', 'projects', '--json']);
    deepEqual(JSON.parse(stdout).sort(), ['app', 'leaf', 'mid']);
  },

  async 'nx run patches a running program'() {
    const task = await Task.start({ workspace, scratch, via: 'nx' });
    try {
      const { pid } = await task.event('ready');
      equal(await task.ask('pid'), String(pid));
      const before = await task.ask('four');
      const source = join(workspace, 'leaf/src/lib.rs');
      await save(source, (await readFile(source, 'utf8')).replace('amount * 2', 'amount * 1000'));
      const event = await task.event('patched', 'refused', 'compile-error', 'unchanged', 'exited');
      equal(event.event, 'patched', JSON.stringify(event));
      ok(event.functions.some(({ name }) => name === 'leaf::double'));
      const after = await task.ask('four');
      // `<answers so far> <price>`: the count went on, the price is another.
      deepEqual(
        [before, after].map((answer) => answer.split(' ')[0]),
        ['1', '2'],
      );
      ok(before.split(' ')[1] !== after.split(' ')[1], `${before}, then ${after}`);
      equal(await task.ask('pid'), String(pid));
      await task.interrupt('SIGINT');
      deepEqual(await task.leftovers(), []);
    } catch (error) {
      console.log(task.output);
      throw error;
    } finally {
      task.destroy();
    }
  },

  async 'a missing prebuilt file is named with its remedy, which works'() {
    const addon = join(installed, 'dist/native/linux-x64/hotpatch.node');
    await rename(addon, `${addon}.away`);
    const use = join(workspace, 'use-engine.cjs');
    await writeFile(
      use,
      `require(${JSON.stringify(join(installed, 'dist/native/addon/index.js'))}).engine()
        .call({ op: 'version' }).then(({ reply }) => console.log(reply.version));`,
    );
    const failure = await run(workspace, 'node', [use]).catch((error) => error);
    match(failure.stderr ?? '', /misses .*hotpatch\.node: run `npx nx-hotpatch-build`/);
    // The registry crates are built already; where they lie is the builder's affair.
    const targetDir = process.env.CARGO_TARGET_DIR ?? join(repository, 'native/target');
    await run(workspace, 'npx', ['nx-hotpatch-build'], { CARGO_TARGET_DIR: targetDir });
    const { version } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
    equal((await run(workspace, 'node', [use])).stdout.trim(), version);
  },
};

/** @param {boolean} [ours] with the environment as it is: for what belongs to the repository */
function run(cwd, tool, args, env = {}, ours = false) {
  const options = {
    cwd,
    env: ours ? { ...process.env, ...env } : environment(scratch, env),
    maxBuffer: 64 << 20,
  };
  return new Promise((resolve, reject) => {
    execFile(tool, args, options, (error, stdout, stderr) => {
      if (error) reject(Object.assign(error, { stdout, stderr }));
      else resolve({ stdout, stderr });
    });
  });
}

let passed = 0;
for (const [name, step] of Object.entries(steps)) {
  try {
    await step();
    passed += 1;
    console.log(`✓ ${name}`);
  } catch (error) {
    console.log(`✗ ${name}\n${error.stack}\n${error.stdout ?? ''}\n${error.stderr ?? ''}`);
    console.log(`    kept: ${scratch}\n    again: node e2e/package/run.mjs --keep`);
    break;
  }
}
const failed = Object.keys(steps).length - passed;
if (failed === 0 && !values.keep) await rm(scratch, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

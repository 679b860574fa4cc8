/**
 * What a user gets: packs the package as `npm publish` would, adds it to an Nx workspace outside of this repository by
 * `nx add`, and uses it there, with every major of Nx that package.json allows. `node e2e/package/run.mjs [--nx=23]
 * [--keep]`; the last line is `N passed, N failed`.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { environment, Task } from '../harness/task.mjs';
import { makeWorkspace, repository, save } from '../harness/workspace.mjs';
import { nextRelease, Registry } from './registry.mjs';

const { values } = parseArgs({
  options: { keep: { type: 'boolean', default: false }, nx: { type: 'string' }, tarball: { type: 'string' } },
});
const manifest = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
const scratch = await mkdtemp(join(tmpdir(), 'nxhp-'));
/** Those of the Nx that is played at the time. */
let nx, workspace, installed, registry, npm;
let tarball;

const once = {
  async 'the tarball holds what is needed and nothing else'() {
    // A tarball that is given is for those who work on the steps below.
    const what = values.tarball === undefined ? [] : [values.tarball];
    const packed = await run(
      repository,
      'npm',
      ['pack', '--json', ...what, '--pack-destination', scratch],
      {},
      true,
    );
    // What the build prints comes first.
    const [report] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[\n')));
    tarball = join(scratch, report.filename);
    const files = report.files.map(({ path }) => path);
    const generators = ['init', 'app'].map((name) => `plugin/generators/${name}/schema.json`);
    const needed = [
      'executors.json',
      'generators.json',
      'migrations.json',
      ...generators,
      'native/build.mjs',
      'native/Cargo.lock',
      'native/addon/binding.cc',
    ];
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
};

/** Each builds on the ones before it. */
const steps = {
  async 'nx add installs it into a workspace elsewhere, without an install script, and sets that up'() {
    await makeWorkspace('cases', workspace);
    const nxJson = JSON.parse(await inWorkspace('nx.json'));
    await save(join(workspace, 'nx.json'), JSON.stringify({ ...nxJson, plugins: [] }));
    await save(join(workspace, '.gitignore'), 'node_modules/\n.nx/\n');
    const packages = ['nx', '@nx/devkit'].map((name) => `${name}@${versionOf(name)}`);
    await run(workspace, 'npm', ['install', '--save-dev', '--no-audit', '--no-fund', ...packages]);
    registry.publish(tarball);
    const { stdout } = await run(workspace, 'npx', ['nx', 'add', 'nx-hotpatch']);
    match(stdout, /nx-hotpatch is set up\..*\.gitignore: \/target\/.*`nx run app:hotpatch`/s);
    deepEqual(JSON.parse(await inWorkspace('nx.json')).plugins, [
      { plugin: 'nx-hotpatch', options: { hotpatchTargetName: 'hotpatch' } },
    ]);
    equal(await inWorkspace('.gitignore'), 'node_modules/\n.nx/\n/target/\n');
    ok('nx-hotpatch' in JSON.parse(await inWorkspace('package.json')).devDependencies);
  },

  async 'set up again, nothing changes'() {
    const files = ['nx.json', '.gitignore', 'package.json', 'Cargo.toml'];
    const before = await Promise.all(files.map(inWorkspace));
    const { stdout } = await run(workspace, 'npx', ['nx', 'g', 'nx-hotpatch:init']);
    match(stdout, /nx-hotpatch was set up before; nothing has changed\./);
    deepEqual(await Promise.all(files.map(inWorkspace)), before);
  },

  async 'its plugin finds the projects'() {
    const { stdout } = await run(workspace, 'npx', ['nx', 'show', 'projects', '--json']);
    deepEqual(JSON.parse(stdout).sort(), ['app', 'leaf', 'mid']);
  },

  async 'nx run patches a running program'() {
    const task = await Task.start({ workspace, scratch: join(scratch, `app${nx}`), via: 'nx' });
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

  async 'nx g nx-hotpatch:app makes a program that counts on when it is patched'() {
    const { stdout } = await run(workspace, 'npx', ['nx', 'g', 'nx-hotpatch:app', 'apps/hello']);
    match(stdout, /`nx run hello:hotpatch`/);
    const task = await Task.start({
      workspace,
      scratch: join(scratch, `hello${nx}`),
      via: 'nx',
      project: 'hello',
    });
    try {
      await task.event('ready');
      await task.says(/^3 lines so far$/m);
      const source = join(workspace, 'apps/hello/src/main.rs');
      await save(source, (await readFile(source, 'utf8')).replace('lines so far', 'lines by now'));
      const event = await task.event('patched', 'refused', 'compile-error', 'unchanged', 'exited');
      deepEqual(
        event.functions?.map(({ name }) => name),
        ['hello::line'],
        JSON.stringify(event),
      );
      await task.says(/^\d+ lines by now$/m);
      // Every number from 1 on, each once: the count has neither stopped nor begun anew.
      const counts = [...task.output.matchAll(/^(\d+) lines (so far|by now)$/gm)].map(([, n]) => Number(n));
      deepEqual(
        counts,
        counts.map((_, at) => at + 1),
      );
      await task.interrupt('SIGINT');
      deepEqual(await task.leftovers(), []);
    } catch (error) {
      console.log(task.output);
      throw error;
    } finally {
      task.destroy();
    }
  },

  async 'what cannot be done is said in the form of Nx'() {
    const failure = await run(workspace, 'npx', ['nx', 'g', 'nx-hotpatch:app', 'apps/hello']).catch(
      (error) => error,
    );
    match(
      `${failure.stdout}${failure.stderr}`,
      /NX {3}apps\/hello is not empty\.\s+Give a folder that does not exist yet\./,
    );
  },

  async 'beside @monodon/rust and a project.json, in either order, each says its part of a project'() {
    const quiet = ['--no-audit', '--no-fund', '--legacy-peer-deps'];
    await run(workspace, 'npm', ['install', '--save-dev', ...quiet, '@monodon/rust@3.0.0']);
    const ours = { name: 'leaf-of-ours', targets: { stamp: { command: 'date' } } };
    await save(join(workspace, 'leaf/project.json'), JSON.stringify(ours));
    const nxJson = JSON.parse(await inWorkspace('nx.json'));
    for (const plugins of [
      ['@monodon/rust', 'nx-hotpatch'],
      ['nx-hotpatch', '@monodon/rust'],
    ]) {
      await save(join(workspace, 'nx.json'), JSON.stringify({ ...nxJson, plugins }));
      await run(workspace, 'npx', ['nx', 'graph', '--file=graph.json']);
      const { nodes, dependencies } = JSON.parse(await inWorkspace('graph.json')).graph;
      deepEqual(Object.keys(nodes).sort(), ['app', 'hello', 'leaf-of-ours', 'mid']);
      // The cached tasks are many, and all named so.
      const targets = (name) =>
        Object.keys(nodes[name].data.targets)
          .filter((target) => !target.startsWith('hotpatch-'))
          .sort();
      deepEqual(targets('app'), ['hotpatch', 'nx-release-publish']);
      deepEqual(targets('leaf-of-ours'), ['nx-release-publish', 'stamp']);
      equal(nodes.app.data.targets.hotpatch.executor, 'nx-hotpatch:hotpatch');
      ok(nodes.app.data.release.version.versionActions.startsWith('@monodon/rust/'));
      ok(dependencies.mid.some(({ target }) => target === 'leaf-of-ours'));
    }
  },

  async 'nx migrate reads the migrations of a later release'() {
    const next = registry.publish(nextRelease(tarball, '99.0.0'));
    const env = { NX_MIGRATE_USE_LOCAL: 'true' };
    await run(workspace, 'npx', ['nx', 'migrate', `nx-hotpatch@${next}`, '--interactive=false'], env);
    const { migrations } = JSON.parse(await inWorkspace('migrations.json'));
    deepEqual(
      migrations.filter((migration) => migration.package === 'nx-hotpatch').map(({ name }) => name),
      ['rename-option'],
    );
    match(await inWorkspace('package.json'), /"nx-hotpatch": "[~^]?99\.0\.0"/);
  },
};

/** What has nothing to do with Nx. */
const last = {
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

function inWorkspace(file) {
  return readFile(join(workspace, file), 'utf8');
}

/** This repository's own Nx exactly, another major's newest. */
function versionOf(name) {
  const own = manifest.devDependencies[name];
  return own.startsWith(`${nx}.`) ? own : nx;
}

/** The majors of a range such as `>=23 <25`. */
function majors(range) {
  const [from, to] = [...range.matchAll(/\d+/g)].map(Number);
  return Array.from({ length: to - from }, (_, at) => String(from + at));
}

/** @param {boolean} [ours] with the environment as it is: for what belongs to the repository */
function run(cwd, tool, args, env = {}, ours = false) {
  const options = {
    cwd,
    env: ours ? { ...process.env, ...env } : environment(scratch, { ...npm, ...env }),
    maxBuffer: 64 << 20,
  };
  return new Promise((resolve, reject) => {
    execFile(tool, args, options, (error, stdout, stderr) => {
      if (error) reject(Object.assign(error, { stdout, stderr }));
      else resolve({ stdout, stderr });
    });
  });
}

const versions = values.nx === undefined ? majors(manifest.peerDependencies.nx) : [values.nx];
const count = (steps) => Object.keys(steps).length;
const total = count(once) + versions.length * count(steps) + count(last);
let passed = 0;

/** Plays one step after the other; false when one failed, and the rest makes no sense. */
async function play(steps, where = '') {
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step();
      passed += 1;
      console.log(`✓ ${name}${where}`);
    } catch (error) {
      console.log(`✗ ${name}${where}\n${error.stack}\n${error.stdout ?? ''}\n${error.stderr ?? ''}`);
      const again = nx === undefined ? '' : ` --nx=${nx}`;
      console.log(`    kept: ${scratch}\n    again: node e2e/package/run.mjs${again} --keep`);
      return false;
    }
  }
  return true;
}

if (await play(once)) {
  for (nx of versions) {
    workspace = join(scratch, `ws${nx}`);
    installed = join(workspace, 'node_modules/nx-hotpatch');
    registry = await Registry.start();
    npm = { npm_config_registry: registry.url, npm_config_ignore_scripts: 'true' };
    await play(steps, `, with Nx ${nx}`);
    registry.stop();
  }
  // In the workspace that is there.
  await play(last);
}
const failed = total - passed;
if (failed === 0 && !values.keep) await rm(scratch, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

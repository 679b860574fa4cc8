/**
 * `npm run bench:team`: how long does a colleague wait who clones what the team has compiled?
 *
 * The server fixture in two clones at paths of different lengths, each with a local cache of its own, and one remote cache
 * on loopback. In each round, with nothing compiled and nothing cached at its beginning:
 *   cold    clone A starts: everything is compiled, and given to the remote cache
 *   warm    clone A starts again: everything is a local hit
 *   remote  clone B, made anew, starts: everything comes from the remote cache, and no rustc runs
 * and after each start the first edit, from the save to the new code.
 *
 * Arguments: `--rounds=5`. Result: e2e/benchmarks/team.md.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Task } from '../harness/task.mjs';
import { linkPackages, repository, save } from '../harness/workspace.mjs';
import { CacheServer } from '../tasks/cache-server.mjs';
import { watchRustc } from '../tasks/watch-rustc.mjs';
import { commit, git } from '../tasks/workspace.mjs';
import { machine } from './machine.mjs';
import { programs } from './programs.mjs';
import { summary } from './statistics.mjs';
import { markdown } from './team-table.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const rounds = Number(values.rounds);
const folder = await mkdtemp(join(tmpdir(), 'nxhp-team-'));
const server = new CacheServer();
const [program] = programs;
const starts = { cold: [], warm: [], remote: [] };

try {
  const remote = await server.start();
  const { PATH, compiles } = await watchRustc(folder);
  const origin = join(folder, 'origin');
  await program.prepare(origin);
  await writeFile(join(origin, '.gitignore'), 'target/\nnode_modules/\n.nx/\n');
  git(origin, 'init', '--quiet', '--initial-branch=main');
  commit(origin, 'all');
  const here = await machine();
  let bytes = 0;
  for (let round = 1; round <= rounds; round++) {
    server.entries.clear();
    const start = async (way, clone) => {
      const measured = await startAndEdit(clone, round, { remote, PATH, compiles });
      starts[way].push(measured);
      const { startMs, editMs, compiled } = measured;
      console.log(
        `${round} ${way}: start ${startMs.toFixed(0)} ms with ${compiled} compiles, edit ${editMs.toFixed(0)} ms`,
      );
    };
    const first = await makeClone(origin, `a${round}`);
    await start('cold', first);
    git(first, 'checkout', '--quiet', '.');
    await start('warm', first);
    bytes = [...server.entries.values()].reduce((sum, archive) => sum + archive.length, 0);
    const second = await makeClone(origin, `some/where/else/b${round}`);
    await start('remote', second);
    for (const clone of [first, second]) await rm(clone, { recursive: true });
  }
  const table = markdown({ machine: here, rounds, bytes, ways: summaries() });
  await writeFile(join(repository, 'e2e/benchmarks/team.md'), table);
  console.log(`\n${table}`);
} finally {
  server.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exit();

async function makeClone(origin, place) {
  const clone = join(folder, place);
  git(folder, 'clone', '--quiet', origin, clone);
  await linkPackages(clone);
  return clone;
}

async function startAndEdit(workspace, round, { remote, PATH, compiles }) {
  await compiles();
  const began = performance.now();
  const task = await Task.start({
    workspace,
    scratch: join(workspace, '.nx/scratch'),
    via: 'nx',
    project: program.project,
    env: {
      ...remote,
      NX_DAEMON: 'false',
      NX_CACHE_DIRECTORY: join(workspace, '.nx/cache'),
      NX_WORKSPACE_DATA_DIRECTORY: join(workspace, '.nx/data'),
      PATH,
    },
  });
  try {
    await task.events.take('event ready', (event) => event.event === 'ready', 1_200_000);
    const startMs = performance.now() - began;
    const compiled = (await compiles()).length;
    const file = join(workspace, program.file);
    await save(file, program.edit(await readFile(file, 'utf8'), round));
    const event = await task.event('patched', 'unchanged', 'refused', 'compile-error', 'exited');
    if (event.event !== 'patched') throw new Error(JSON.stringify(event));
    return { startMs, compiled, editMs: event.ms.total };
  } finally {
    await task.interrupt('SIGINT');
    // The next start of this clone appends to events of its own.
    await rm(join(workspace, '.nx/scratch'), { recursive: true, force: true });
  }
}

function summaries() {
  const ways = Object.entries(starts).map(([way, measured]) => [
    way,
    {
      start: summary(measured.map(({ startMs }) => startMs)),
      edit: summary(measured.map(({ editMs }) => editMs)),
      compiled: summary(measured.map(({ compiled }) => compiled)),
    },
  ]);
  return Object.fromEntries(ways);
}

/**
 * `npm run bench`: how long from a save to the new code in the running program?
 *
 * Three ways are measured in turn, round after round, so that what disturbs the machine disturbs all of them:
 *   floor  the rustc invocations of the edited crates alone, with a linker that does nothing
 *   ours   from the file-change notification to the last acknowledgement, by a running `hotpatch` task
 *   cargo  `cargo build`, then a restart, up to the first answer with the new text
 * and, on a program with 32 threads, for how long a thread is held up by a patch.
 *
 * Arguments: `--rounds=12` `--only=server,rhai,pause`. Results: e2e/benchmarks/latest.md and latest.json.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repository } from '../harness/workspace.mjs';
import { machine } from './machine.mjs';
import { measurePause } from './pause.mjs';
import { programs } from './programs.mjs';
import { raceProgram } from './race.mjs';
import { markdown } from './table.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '12' },
    only: { type: 'string', default: 'server,rhai,pause' },
  },
});
const chosen = values.only.split(',');
const rounds = Number(values.rounds);
const folder = await mkdtemp(join(tmpdir(), 'nxhp-bench-'));

try {
  const results = { machine: await machine(), rounds, programs: [], pause: null };
  for (const program of programs.filter(({ name }) => chosen.includes(name))) {
    console.log(`\n${program.name}: preparing`);
    results.programs.push(await raceProgram(program, join(folder, program.name), rounds));
  }
  if (chosen.includes('pause')) results.pause = await measurePause(join(folder, 'pause'), rounds);
  const table = markdown(results);
  const out = join(repository, 'e2e/benchmarks');
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'latest.md'), table);
  await writeFile(join(out, 'latest.json'), `${JSON.stringify(results, null, 2)}\n`);
  console.log(`\n${table}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit();

/**
 * A company's workspace, from its graph to its failures: `workspace-fixtures/polyglot`. `npm run e2e:polyglot [--keep]`;
 * the last line is `N passed, N failed`.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { play } from '../tasks/suite.mjs';
import { changes } from './changes.mjs';
import { freePorts, makeCompany } from './company.mjs';
import { failures } from './failures.mjs';
import { graph } from './graph.mjs';
import { Services } from './services.mjs';
import { sessions } from './sessions.mjs';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const scratch = await mkdtemp(join(tmpdir(), 'nxhp-'));
const root = await makeCompany(scratch);
const services = new Services(root, scratch, await freePorts());
const stage = { root, services };

await play(
  {
    ...graph(stage),
    ...chain({ ...sessions(stage), ...changes(stage) }),
    ...failures(stage),
  },
  { scratch, keep: values.keep },
);
process.exit();

/** Each step needs the programs as the one before it has left them. After a failure all are ended. */
function chain(steps) {
  let broken = false;
  const play = async (step) => {
    if (broken) throw new Error('a step before it failed');
    broken = true;
    try {
      await step();
      broken = false;
    } finally {
      if (broken) await services.abandon();
    }
  };
  return Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, () => play(step)]));
}

/**
 * Replays a crate's history: `npm run replay -- --repo PATH --range A..B [--package P] [--limit N] [--forward]`.
 * See README.md in this folder.
 */
import { mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Builds } from './builds.mjs';
import { Forward } from './forward.mjs';
import { History } from './history.mjs';
import { Keeper } from './keep.mjs';
import { Results } from './results.mjs';
import { spoilers } from './spoil.mjs';
import { Steps } from './steps.mjs';
import { line, totals } from './table.mjs';

const { values } = parseArgs({
  options: {
    repo: { type: 'string' },
    range: { type: 'string' },
    package: { type: 'string' },
    features: { type: 'string' },
    'all-features': { type: 'boolean', default: false },
    limit: { type: 'string' },
    out: { type: 'string' },
    seconds: { type: 'string', default: '120' },
    minutes: { type: 'string', default: 'Infinity' },
    forward: { type: 'boolean', default: false },
    independent: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
    spoil: { type: 'string' },
  },
});
if (values.repo === undefined || values.range === undefined) {
  console.error('Say what to replay: npm run replay -- --repo PATH --range A..B [--package P] [--limit N]');
  process.exit(2);
}
const name = values.package ?? basename(resolve(values.repo).replace(/(\/\.git|\.git|\/repo)$/, ''));
const out = resolve(values.out ?? join('tmp', 'replay', name));
const checkout = join(out, 'checkout');
await mkdir(out, { recursive: true });
const history = await History.checkout(values.repo, checkout);
const results = new Results(join(out, values.forward ? 'forward.jsonl' : 'results.jsonl'));
const builds = (target) =>
  new Builds({
    checkout,
    target: join(out, target),
    package: values.package,
    features: values.features?.split(','),
    allFeatures: values['all-features'],
  });
const place = {
  history,
  checkout,
  builds,
  independent: values.independent,
  keeper: new Keeper(out, values),
  how: {
    seconds: Number(values.seconds),
    ...(values.spoil === undefined ? {} : { spoil: spoilers[values.spoil] }),
  },
};
const player = values.forward ? new Forward({ ...place, out }) : new Steps(place);
const commits = await history.commits(values.range, values.limit && Number(values.limit));

const began = performance.now();
for (const [at, each] of commits.entries()) {
  if (results.get(each.commit) === undefined || values.again) {
    if (performance.now() - began > Number(values.minutes) * 60_000) break;
    const since = performance.now();
    const result = await player.play(each).catch(async (error) => {
      await player.forget();
      return { verdict: 'CRASH', why: `the replay itself failed: ${error.stack}` };
    });
    results.add({ ...each, ...result, seconds: (performance.now() - since) / 1000 });
  }
  console.log(line(at, commits.length, results.get(each.commit)));
}
await player.forget();
const seconds = (performance.now() - began) / 1000;
console.log(
  totals(
    commits.map(({ commit }) => results.get(commit)).filter((result) => result !== undefined),
    seconds,
  ),
);
process.exit(0);

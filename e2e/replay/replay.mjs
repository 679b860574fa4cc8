/**
 * Replays a crate's history: `npm run replay -- --repo PATH --range A..B [--package P] [--limit N]`.
 * See README.md in this folder.
 */
import { mkdir, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Builds } from './builds.mjs';
import { History } from './history.mjs';
import { keepInputs } from './keep.mjs';
import { absolute, gravest, patchProgram, settle } from './play-commit.mjs';
import { Results } from './results.mjs';
import { spoilers } from './spoil.mjs';
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
const results = new Results(join(out, 'results.jsonl'));
const builds = new Builds({
  checkout,
  target: join(out, 'target'),
  package: values.package,
  features: values.features?.split(','),
  allFeatures: values['all-features'],
});
const how = {
  seconds: Number(values.seconds),
  ...(values.spoil === undefined ? {} : { spoil: spoilers[values.spoil] }),
};
const commits = await history.commits(values.range, values.limit && Number(values.limit));

/** The build of the newest commit that was built, and the sources that it stands for. */
let base;

const began = performance.now();
for (const [at, each] of commits.entries()) {
  const known = results.get(each.commit);
  if (known !== undefined && !values.again) {
    console.log(line(at, commits.length, known));
    continue;
  }
  const since = performance.now();
  const result = await play(each).catch(async (error) => {
    base = undefined;
    return { verdict: 'CRASH', why: `the replay itself failed: ${error.stack}` };
  });
  results.add({ ...each, ...result, seconds: (performance.now() - since) / 1000 });
  console.log(line(at, commits.length, results.get(each.commit)));
}
console.log(
  totals(
    commits.map(({ commit }) => results.get(commit)),
    (performance.now() - began) / 1000,
  ),
);
process.exit(0);

async function play({ commit, parent }) {
  const changed = await history.changed(parent, commit);
  const mayMatter = changed.filter((path) =>
    /\.rs$|(^|\/)(Cargo\.(toml|lock)|rust-toolchain(\.toml)?)$|(^|\/)\.cargo\//.test(path),
  );
  if (mayMatter.length === 0 && !changed.some((path) => sources().has(join(checkout, path))))
    return { verdict: 'no code change' };

  const baseFailure = await standOn(parent);
  if (baseFailure) return { verdict: 'skipped', why: 'the parent does not build' };
  const manifests = new Set(base.programs.flatMap(({ record }) => record.manifests));
  const followed = changed.filter(
    (path) =>
      manifests.has(join(checkout, path)) || /^(rust-toolchain(\.toml)?|\.cargo\/.*|build\.rs)$/.test(path),
  );
  if (followed.length > 0) return { verdict: 'skipped', why: `${followed.join(', ')} changed` };

  await history.switchTo(commit);
  const played = [];
  try {
    for (const program of base.programs)
      played.push(await patchProgram(program, absolute(checkout, changed), how));
    return await compareAll(commit, played);
  } finally {
    for (const { live } of played) await live?.close();
  }
}

/** Makes the parent's build the base, unless it is. Gives true when it does not build. */
async function standOn(parent) {
  if (base?.commit === parent) return base.programs === undefined;
  await history.switchTo(parent);
  base = await builds.build(parent);
  await builds.prune([base]);
  return base.programs === undefined;
}

async function compareAll(commit, played) {
  const fresh = await builds.build(commit);
  const old = base;
  base = fresh;
  if (fresh.programs === undefined) {
    await builds.prune([fresh]);
    return { verdict: 'skipped', why: 'it does not build' };
  }
  const settled = [];
  for (const result of played) {
    const program = fresh.programs.find(({ name }) => name === result.name);
    const done = await settle(asWrongIfItBuilds(result), program, how);
    if (done.verdict === 'WRONG' || done.verdict === 'CRASH') await keep(commit, done, old);
    settled.push(summary(done));
  }
  await builds.prune([fresh]);
  return { verdict: gravest(settled.map(({ verdict }) => verdict)), programs: settled };
}

/** cargo builds the commit, so a replayed rustc must. */
function asWrongIfItBuilds(result) {
  if (result.verdict !== 'compile-error') return result;
  return {
    ...result,
    verdict: 'WRONG',
    crash: `does not compile: ${result.diagnostics.map(({ message }) => message).join('; ')}`,
  };
}

function again(commit) {
  const options = [
    ['repo', resolve(values.repo)],
    ['range', `${commit}^..${commit}`],
    ['package', values.package],
    ['features', values.features],
    ['out', out],
  ]
    .filter(([, value]) => value !== undefined)
    .map(([option, value]) => `--${option} ${value}`);
  return `npm run replay -- ${options.join(' ')}${values['all-features'] ? ' --all-features' : ''} --again`;
}

async function keep(commit, result) {
  const folder = join(out, 'kept', commit.slice(0, 12), result.name.replaceAll(/\W+/g, '-'));
  await rm(folder, { recursive: true, force: true });
  await keepInputs(folder, result, again(commit));
  console.log(`  ${result.verdict}: ${result.crash ?? result.wrong.map(({ test }) => test).join(', ')}`);
  console.log(`  kept: ${folder}\n  again: ${again(commit)}`);
}

/** What goes into the results: no images, no whole outputs. */
function summary({
  name,
  verdict,
  reasons = [],
  notes = [],
  functions,
  writes,
  ms,
  compared,
  crash,
  wrong = [],
  flaky,
  unsteady,
  excluded,
}) {
  return {
    name,
    verdict,
    reasons,
    notes,
    functions,
    writes,
    ms,
    compared,
    crash,
    wrong,
    flaky,
    unsteady,
    excluded,
  };
}

function sources() {
  return new Set(
    (base?.programs ?? []).flatMap(({ record }) => record.crates.flatMap((crate) => crate.sources)),
  );
}

/** One commit: the parent's test programs, patched to it, against those of a fresh build. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { crashOf, differences, judge, presentInBoth } from './compare.mjs';
import { LiveProgram } from './live-program.mjs';
import { TestRun } from './test-run.mjs';

/** What a commit comes to is the gravest of what its programs come to. */
export const verdicts = ['no code change', 'applied', 'skipped', 'refused', 'WRONG', 'CRASH'];

export function gravest(found) {
  return found.reduce(
    (worst, each) => (verdicts.indexOf(each) > verdicts.indexOf(worst) ? each : worst),
    verdicts[0],
  );
}

/**
 * Patches one program of the base to the sources that are checked out now, and runs its tests.
 * Gives `{verdict, ...}` that `settle` completes once there is a fresh build to compare with.
 */
export async function patchProgram(program, files, how) {
  const root = program.record.crates.find(({ id }) => id === program.record.image.crate).root;
  if (!existsSync(root)) return { name: program.name, verdict: 'no code change', gone: true };
  const live = await LiveProgram.start(program, how);
  const result = { name: program.name, live };
  const outcome = await live.patch(files);
  result.reasons = outcome.reasons ?? [];
  result.notes = outcome.notes ?? outcome.plan?.notes ?? [];
  result.units = outcome.changedUnits;
  if (outcome.kind === 'compile-error')
    return { ...result, verdict: 'compile-error', diagnostics: outcome.diagnostics };
  if (outcome.kind === 'refused') {
    const manifest = outcome.reasons.every(({ code }) => code === 'manifest-changed');
    return { ...result, verdict: manifest ? 'skipped' : 'refused' };
  }
  if (outcome.kind === 'patched') {
    result.verdict = 'applied';
    result.functions = outcome.plan.functions.filter(({ change }) => change === 'changed').length;
    result.writes = outcome.plan.writes;
    result.ms = outcome.ms;
  } else result.verdict = 'no code change';
  // "Nothing to do" is a claim as well: where rustc made a unit anew, the tests are asked.
  if (result.units.length > 0) result.patched = await live.finish();
  return result;
}

/** Runs a fresh build's program, which meets no session: it is the ordinary program. */
export function runFresh({ record }, how) {
  return new TestRun({ record, seconds: how.seconds }).end();
}

/**
 * Compares what `patchProgram` left with the fresh build of the same program. `fresh` is undefined when the commit has
 * no such program any more.
 */
export async function settle(result, fresh, how) {
  const { patched, live } = result;
  if (patched === undefined || fresh === undefined) return result;
  const run = await runFresh(fresh, how);
  const [crash, freshCrash] = [crashOf(patched), crashOf(run)];
  const settled = { ...result, fresh: run, compared: presentInBoth(patched, run) };
  if (crash !== undefined && freshCrash === undefined) return { ...settled, verdict: 'CRASH', crash };
  if (freshCrash !== undefined) return { ...settled, excluded: `the fresh build ${freshCrash}` };
  const first = differences(patched, run);
  if (first.length === 0) return settled;
  const [secondPatched, secondRun] = [await live.again(), await runFresh(fresh, how)];
  const judged = judge(first, differences(secondPatched, secondRun), [run, secondRun]);
  return { ...settled, ...judged, verdict: judged.wrong.length > 0 ? 'WRONG' : settled.verdict };
}

/** Absolute paths of changed files. */
export function absolute(checkout, paths) {
  return paths.map((path) => join(checkout, path));
}

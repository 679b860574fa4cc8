/** Patched against freshly built, test by test. */

/** A test that draws numbers can say the same twice by chance: so often is a fresh build asked before a patch is wrong. */
const LOOKS = 6;

/**
 * Completes the result of one patched program: `{..., patched}` is what its tests came to. `fresh` runs the program of
 * a fresh build, undefined when the commit has none; `again` runs the patched one once more. A difference is looked at
 * twice in the patched program, and `LOOKS` times in the fresh one, before it counts.
 *
 * @param {{again: () => Promise<object>, fresh?: () => Promise<object>}} runs
 */
export async function compare(result, { again, fresh }) {
  // cargo does not compile it either, or has it no more.
  if (fresh === undefined) return /^(WRONG|applied)$/.test(result.verdict) ? skipped(result) : result;
  if (result.patched === undefined) return result;
  const run = await fresh();
  // On a busy machine whatever takes long looks like a hang, which comes a second time.
  const late = result.patched.timeout !== undefined && run.timeout === undefined;
  const patched = late ? await again() : result.patched;
  const [crash, freshCrash] = [crashOf(patched), crashOf(run)];
  const compared = { ...result, patched, fresh: run, compared: presentInBoth(patched, run) };
  // With nothing to compare with, that the patch was taken proves nothing.
  if (freshCrash !== undefined)
    return { ...compared, verdict: 'skipped', excluded: `the fresh build ${freshCrash}` };
  if (crash !== undefined) return { ...compared, verdict: 'CRASH', crash };
  const first = differences(patched, run);
  if (first.length === 0) return late ? { ...compared, unsteady: result.patched.running } : compared;
  const freshRuns = [run, await fresh()];
  const second = differences(await again(), freshRuns[1]);
  while (judge(first, second, freshRuns).wrong.length > 0 && freshRuns.length < LOOKS)
    freshRuns.push(await fresh());
  const judged = judge(first, second, freshRuns);
  return { ...compared, ...judged, verdict: judged.wrong.length > 0 ? 'WRONG' : compared.verdict };
}

function skipped(result) {
  return { ...result, verdict: 'skipped', excluded: 'there is no fresh build of it' };
}

/**
 * The tests that both runs have and that ended otherwise, or said something else: panic messages with their places are
 * part of what a test says. `[{test, patched, fresh}]`.
 */
function differences(patched, fresh) {
  const found = [];
  for (const [test, there] of fresh.tests) {
    const here = patched.tests.get(test);
    if (here === undefined) continue;
    if (here.outcome !== there.outcome || here.output !== there.output)
      found.push({ test, patched: here, fresh: there });
  }
  return found;
}

/** Of differences that were seen twice, those that only a wrong patch explains; the others come and go by themselves. */
function judge(first, second, freshRuns) {
  const again = new Set(second.map(({ test }) => test));
  const isSteady = ({ test }) => {
    const [one, ...others] = freshRuns.map(({ tests }) => tests.get(test));
    return others.every((other) => other?.outcome === one?.outcome && other?.output === one?.output);
  };
  return {
    wrong: first.filter((each) => again.has(each.test) && isSteady(each)),
    flaky: first.filter((each) => !isSteady(each)).map(({ test }) => test),
    /** The fresh build is steady, and the patched program was wrong once. */
    unsteady: first.filter((each) => !again.has(each.test) && isSteady(each)).map(({ test }) => test),
  };
}

function presentInBoth(patched, fresh) {
  return [...fresh.tests.keys()].filter((test) => patched.tests.has(test)).length;
}

/** How a program ended that did not come to the end of its tests; undefined when it did. */
function crashOf(run) {
  if (run.timeout) return `still runs after ${run.timeout} s in ${run.running.join(', ') || 'no test'}`;
  if (run.signal) return `died by ${run.signal} in ${run.running.join(', ') || 'no test'}`;
  if (run.suite && !run.finished)
    return `ended with ${run.code} in the middle of ${run.running.join(', ') || 'no test'}`;
  return undefined;
}

/** Tests that two runs give differently, or that only the first has. */
export function unlike(first, second) {
  return [...first.tests]
    .filter(([test, { outcome, output }]) => {
      const other = second.tests.get(test);
      return other?.outcome !== outcome || other.output !== output;
    })
    .map(([test]) => test);
}

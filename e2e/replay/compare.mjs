/** Patched against freshly built, test by test. */

/**
 * The tests that both runs have and that ended otherwise, or said something else: panic messages with their places are
 * part of what a test says. `[{test, patched, fresh}]`.
 */
export function differences(patched, fresh) {
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
export function judge(first, second, freshRuns) {
  const [before, after] = freshRuns;
  const again = new Set(second.map(({ test }) => test));
  const isSteady = ({ test }) => {
    const [a, b] = [before.tests.get(test), after.tests.get(test)];
    return a?.outcome === b?.outcome && a?.output === b?.output;
  };
  return {
    wrong: first.filter((each) => again.has(each.test) && isSteady(each)),
    flaky: first.filter((each) => !isSteady(each)).map(({ test }) => test),
    /** The fresh build is steady, and the patched program was wrong once. */
    unsteady: first.filter((each) => !again.has(each.test) && isSteady(each)).map(({ test }) => test),
  };
}

export function presentInBoth(patched, fresh) {
  return [...fresh.tests.keys()].filter((test) => patched.tests.has(test)).length;
}

/** How a program ended that did not come to the end of its tests; undefined when it did. */
export function crashOf(run) {
  if (run.timeout) return `still runs after ${run.timeout} s in ${run.running.join(', ') || 'no test'}`;
  if (run.signal) return `died by ${run.signal} in ${run.running.join(', ') || 'no test'}`;
  if (run.suite && !run.finished)
    return `ended with ${run.code} in the middle of ${run.running.join(', ') || 'no test'}`;
  return undefined;
}

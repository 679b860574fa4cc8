/** Results as lines for a person. */

export function line(at, count, { commit, verdict, seconds = 0, subject, ...result }) {
  const place = `${String(at + 1).padStart(String(count).length)}/${count}`;
  const said = [why(result), `“${subject.slice(0, 50)}”`].filter((each) => each !== '').join('  ');
  return `${place}  ${commit.slice(0, 10)}  ${verdict.padEnd(14)} ${seconds.toFixed(1).padStart(5)} s  ${said}`;
}

function why({ why: reason, programs = [] }) {
  const codes = new Set(programs.flatMap(({ reasons }) => reasons.map(({ code }) => code)));
  const functions = programs.reduce((sum, each) => sum + (each.functions ?? 0), 0);
  const tests = programs.reduce((sum, each) => sum + (each.compared ?? 0), 0);
  const patched = functions > 0 ? `${functions} functions, ${tests} tests` : '';
  return [reason?.split('\n')[0] ?? '', [...codes].join(' '), patched]
    .filter((each) => each !== '')
    .join('  ');
}

/** `{verdict: count}`, and what share of the commits that change code was applied. */
export function count(results) {
  const counts = {};
  for (const { verdict } of results) counts[verdict] = (counts[verdict] ?? 0) + 1;
  const of = (verdict) => counts[verdict] ?? 0;
  const tried = of('applied') + of('refused') + of('WRONG') + of('CRASH');
  return { counts, tried, applied: of('applied') };
}

/** Reasons of refusals with the number of commits that have them, largest first. */
export function refusals(results) {
  const groups = new Map();
  for (const { verdict, programs = [] } of results) {
    if (verdict !== 'refused') continue;
    for (const code of new Set(programs.flatMap(({ reasons }) => reasons.map((reason) => reason.code))))
      groups.set(code, (groups.get(code) ?? 0) + 1);
  }
  return [...groups].sort((a, b) => b[1] - a[1]);
}

export function totals(results, seconds) {
  const { counts, tried, applied } = count(results);
  const share =
    tried === 0 ? '' : ` · ${((100 * applied) / tried).toFixed(1)} % of ${tried} that change code`;
  const listed = Object.entries(counts).map(([verdict, number]) => `${number} ${verdict}`);
  const reasons = refusals(results).map(([code, number]) => `${number} ${code}`);
  return [
    `${results.length} commits in ${seconds.toFixed(0)} s: ${listed.join(', ')}${share}`,
    ...(reasons.length > 0 ? [`refused for: ${reasons.join(', ')}`] : []),
  ].join('\n');
}

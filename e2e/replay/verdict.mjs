/** What a commit comes to is the gravest of what its programs come to. */

const VERDICTS = ['no code change', 'applied', 'skipped', 'refused', 'WRONG', 'CRASH'];

export function gravest(found) {
  const worse = (a, b) => (VERDICTS.indexOf(b) > VERDICTS.indexOf(a) ? b : a);
  return found.reduce(worse, VERDICTS[0]);
}

/** Of one program, by what the pipeline gave. Whether cargo can build what rustc could not is seen later. */
export function verdictOf({ kind, reasons }) {
  if (kind === 'patched') return 'applied';
  if (kind === 'unchanged') return 'no code change';
  if (kind === 'compile-error') return 'WRONG';
  return reasons.every(({ code }) => code === 'manifest-changed') ? 'skipped' : 'refused';
}

/** What goes into the results of one program: no images, no whole outputs. */
export function summary({ name, verdict, outcome, compared, crash, wrong, flaky, unsteady, excluded }) {
  const { reasons = [], diagnostics, ms } = outcome;
  const plan = outcome.plan ?? { functions: [], notes: outcome.notes ?? [] };
  const changed = plan.functions.filter(({ change }) => change === 'changed');
  return {
    name,
    verdict,
    reasons,
    notes: plan.notes,
    functions: changed.length,
    names: changed.slice(0, 20).map((each) => each.name),
    writes: plan.writes,
    ms,
    compared,
    crash,
    ...(verdict === 'WRONG' && diagnostics ? { crash: `rustc: ${diagnostics[0]?.message}` } : {}),
    wrong,
    flaky,
    unsteady,
    excluded,
  };
}

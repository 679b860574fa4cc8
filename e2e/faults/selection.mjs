/** Which of the recorded steps are played. */

/** The processes that are killed: ours, and those that they start and wait for. */
const ROLES =
  /^(session|cargo|rustc-wrapper|linker-wrapper|rustc capture|rustc replay|ld\.lld|rust-lld|collect2|ld|app)\b/;

/**
 * Left out: what is outside of the task's folder (cargo's own home); probes of the compiler; and the second of two
 * libraries, which goes the same way as the first.
 */
export function selected(steps) {
  return steps.filter(
    (step) =>
      ROLES.test(step) &&
      !/\t.* \/(root|home|tmp|proc\/self\/task)\b/.test(step) &&
      !/___|\bmid\b|libmid/.test(step),
  );
}

/** One of each kind of moment that goes wrong in a way of its own. */
const SHORT = [
  /^session\t.*write .*run\.json/,
  /^session\tlink .*sessions/,
  /^session\tsend 2/,
  /^rustc-wrapper leaf\tlink .*units/,
  /^rustc capture app\trename to .*working\/dep-graph/,
  /^rustc replay leaf\twrite .*work-products/,
  /^linker-wrapper\twrite .*images/,
  /^app\tmembarrier \d+ to 32/,
];

export function short(steps) {
  return SHORT.map((pattern) => {
    const found = steps.find((step) => pattern.test(step));
    if (found === undefined) throw new Error(`no step is like ${pattern}: it has another name now`);
    return found;
  });
}

/** Steps that a full disk stops. */
export function takesRoom(step) {
  return (
    /\t(rebuild: )?(again )?(open|write|make folder|link|rename to|bind) /.test(step) &&
    !/events\.jsonl/.test(step)
  );
}

/** What the clones of a team took, as people read it. */
const seconds = ({ median, min, max }) =>
  `${(median / 1000).toFixed(1)} s (${(min / 1000).toFixed(1)} to ${(max / 1000).toFixed(1)})`;
const ms = ({ median, min, max }) => `${median.toFixed(0)} ms (${min.toFixed(0)} to ${max.toFixed(0)})`;
const count = ({ min, max }) => (min === max ? `${min}` : `${min} to ${max}`);

/** How long a first edit in a clone of others may take, of one in the clone that compiled. */
const LIMIT = 1.2;

export function markdown({ machine, rounds, bytes, ways }) {
  const { cold, warm, remote } = ways;
  const row = (name, { start, compiled, edit }) =>
    `| ${name} | ${seconds(start)} | ${count(compiled)} | ${ms(edit)} |`;
  const ratios = remote.edit.values.map((value, round) => value / cold.edit.values[round]);
  const ratio = remote.edit.median / cold.edit.median;
  return [
    '# Two clones of a team',
    '',
    `Medians of ${rounds} rounds with minimum and maximum, by \`npm run bench:team\`: the server fixture (tokio, axum), by`,
    '`nx run api:hotpatch` without the daemon. A start is from the command to the running program; an edit is the first one',
    'after it, from the save to the new code.',
    '',
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, ${machine.rustc}, ` +
      `Node ${machine.node}; load before the run ${machine.loadBefore}.`,
    '',
    '| | start | crates that rustc compiled | first edit |',
    '| --- | --- | --- | --- |',
    row('clone A, nothing compiled', cold),
    row('clone A again', warm),
    row('clone B, everything from the remote cache', remote),
    '',
    `The first edit in clone B takes ${ratio.toFixed(2)} times the one in clone A (${Math.min(...ratios).toFixed(2)} to ` +
      `${Math.max(...ratios).toFixed(2)} in single rounds; at most ${LIMIT} is the aim: ${ratio <= LIMIT ? 'met' : 'missed'}). ` +
      `What the remote cache holds for it are ${(bytes / 2 ** 20).toFixed(0)} MiB.`,
    '',
  ].join('\n');
}

/** The results as people read them. */
const ms = ({ median, min, max }) => `${median.toFixed(0)} ms (${min.toFixed(0)} to ${max.toFixed(0)})`;
const fine = ({ median, min, max }) => `${median.toFixed(1)} ms (${min.toFixed(1)} to ${max.toFixed(1)})`;
const us = ({ median, min, max }) => `${median.toFixed(0)} µs (${min.toFixed(0)} to ${max.toFixed(0)})`;

export function markdown({ machine, rounds, programs, pause }) {
  const lines = [
    '# From a save to the new code',
    '',
    `Medians of ${rounds} rounds with minimum and maximum; floor, ours and cargo were run in turn in each round.`,
    '',
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, ${machine.rustc}, ` +
      `Node ${machine.node}; load before the run ${machine.loadBefore}.`,
    '',
    '| program | floor: rustc alone | ours: save to live | cargo build + restart to first answer | ours / floor | 1.15 x floor + 15 ms |',
    '| --- | --- | --- | --- | --- | --- |',
    ...programs.map(({ name, floor, ours, cargo }) => {
      const ratio = (ours.median / floor.median).toFixed(2);
      const target = 1.15 * floor.median + 15;
      return `| ${name} | ${ms(floor)} | ${ms(ours)} | ${ms(cargo)} | ${ratio} | ${target.toFixed(0)} ms: ${verdict(ours.median <= target)} |`;
    }),
    '',
    '| program | rustc in ours | diff + link | load + apply | seen from outside |',
    '| --- | --- | --- | --- | --- |',
    ...programs.map(
      ({ name, rustc, diffAndLink, loadAndApply, seen }) =>
        `| ${name} | ${ms(rustc)} | ${fine(diffAndLink)} | ${fine(loadAndApply)} | ${ms(seen)} |`,
    ),
    '',
    ...programs.map(({ name, what }) => `- ${name}: ${what}`),
  ];
  if (pause) {
    lines.push(
      '',
      `A program with ${pause.threads} threads, each calling the patched function a thousand times a second: the longest ` +
        `call around a patch took ${us(pause.longestCallUs)}, the longest in 150 ms without one ` +
        `${us(pause.longestCallWithoutPatchUs)}.` +
        (pause.loaderReportsUs ? ` The loader reports a pause of ${us(pause.loaderReportsUs)}.` : ''),
    );
  }
  return `${lines.join('\n')}\n`;
}

const verdict = (met) => (met ? 'met' : 'missed');

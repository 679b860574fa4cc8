/** The results as people read them. */
const ms = ({ median, min, max }) => `${median.toFixed(0)} ms (${min.toFixed(0)} to ${max.toFixed(0)})`;

export function markdown({ machine, nx, rounds, graph, saves }) {
  const lines = [
    '# What the plugin costs Nx',
    '',
    `A hundred crates with 2000 files. Processor time, not time on the clock: medians of ${rounds} with minimum and`,
    'maximum.',
    '',
    `Nx ${nx}, ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, ` +
      `Node ${machine.node}; load before the run ${machine.loadBefore}.`,
  ];
  if (graph.length > 0) {
    lines.push(
      '',
      '## Creating the graph',
      '',
      "The plugin's own work in its process: loading it, projects, dependencies. The crates of a Cargo workspace are one",
      'chain, in which each needs all before it: with `tasks` these are named, some 5000 in one workspace, 1000 in five.',
      '',
      '| Cargo workspaces | `tasks` | a new process, nothing changed | of which loading | once more in that process | nothing cached | cargo runs: nothing cached, nothing changed |',
      '| --- | --- | --- | --- | --- | --- | --- |',
      ...graph.map(
        ({ groups, tasks, warm, load, again, cold, cargoRuns }) =>
          `| ${groups} | ${tasks ? 'on' : 'off'} | ${ms(warm)} | ${ms(load)} | ${ms(again)} | ${cold.toFixed(0)} ms, and cargo's own | ${cargoRuns.cold}, ${cargoRuns.warm} |`,
      ),
    );
  }
  if (saves.length > 0) {
    lines.push(
      '',
      '## A save of a `.rs` file',
      '',
      "The daemon and the plugins' processes together, without what an idle daemon takes. Nx's own plugins have processes",
      'too: they start and end on every save with or without this plugin, unless isolation is off.',
      '',
      "| | a save | the plugin's process between saves | cargo runs, all saves and the start |",
      '| --- | --- | --- | --- |',
      ...saves.map(({ name, cpu, kept, cargoRuns }) => {
        const stay =
          kept === undefined
            ? 'none'
            : `stays, ${kept.memoryMiB.toFixed(0)} MiB; ${kept.perSave.toFixed(0)} ms of the save are its`;
        return `| ${name} | ${ms(cpu)} | ${stay} | ${cargoRuns} |`;
      }),
    );
  }
  return `${lines.join('\n')}\n`;
}

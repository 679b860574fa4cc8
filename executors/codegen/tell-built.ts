import type { TaskBuild } from '../tasks/build';

/** Says that a package was built, and with how many warnings: they have been shown, and would be repeated with every hit. */
export function tellBuilt(pkg: string, builds: readonly Pick<TaskBuild, 'words'>[]): string {
  const [words] = builds.map((build) => build.words).filter(({ own }) => own.has(pkg));
  if (words === undefined) return '';
  const count = words.warningsOf(pkg);
  const warnings = count === 0 ? '' : `, with ${count} ${count === 1 ? 'warning' : 'warnings'}`;
  return `${pkg} built${warnings}\n`;
}

/** What setting up a workspace has done, and what it has found. */
export interface SetUp {
  readonly registered: boolean;
  /** Lines added to .gitignore. */
  readonly ignored: readonly string[];
  /** Names of the Cargo packages. */
  readonly packages: readonly string[];
  /** One that has a program. */
  readonly program: string | undefined;
}

/** The few lines that a user reads after `nx add nx-hotpatch`, in the form of Nx's `output`. */
export function summary({ registered, ignored, packages, program }: SetUp): {
  readonly title: string;
  readonly bodyLines: string[];
} {
  const changes = [
    ...(registered ? ['nx.json: the plugin is registered; every Cargo package is a project now.'] : []),
    ...(ignored.length > 0 ? [`.gitignore: ${ignored.join(', ')}`] : []),
  ];
  return {
    title:
      changes.length > 0 ? 'nx-hotpatch is set up.' : 'nx-hotpatch was set up before; nothing has changed.',
    bodyLines: [...changes, ...next(packages, program)],
  };
}

function next(packages: readonly string[], program: string | undefined): readonly string[] {
  if (packages.length === 0) {
    return [
      'There is no Cargo.toml in this workspace yet. `nx g nx-hotpatch:app apps/hello` makes a small program to try,',
      '`cargo new` an empty one.',
    ];
  }
  if (program === undefined) {
    return [
      '`nx show projects --with-target=hotpatch` lists the programs that can be run; nx run <project>:hotpatch',
    ];
  }
  return [
    `Next: \`nx run ${program}:hotpatch\`, then save one of its .rs files while it runs.`,
    '`nx show projects --with-target=hotpatch` lists all programs.',
  ];
}

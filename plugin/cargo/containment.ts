/** A package among others, by folder: what it is compiled after, and whether it has a program. */
export interface Member {
  readonly folder: string;
  /** Folders of what is compiled before each of its crates. */
  readonly needs: readonly string[];
  /** Folders of what its examples need besides. */
  readonly exampleNeeds: readonly string[];
  readonly isProgram: boolean;
}

/** A package's folder and those of all that it is compiled after, itself first. */
export function closureOf(
  folder: string,
  byFolder: ReadonlyMap<string, Pick<Member, 'needs'>>,
): readonly string[] {
  const seen = new Set([folder]);
  // A set gives also what is added while it is walked.
  for (const next of seen) for (const need of byFolder.get(next)?.needs ?? []) seen.add(need);
  return [...seen];
}

/** Folders of all packages that the programs of a package contain. */
export function contentsOf(program: Member, byFolder: ReadonlyMap<string, Member>): readonly string[] {
  const starts = [program.folder, ...program.exampleNeeds];
  return [...new Set(starts.flatMap((start) => closureOf(start, byFolder)))];
}

/** For each package, the packages whose programs contain it. */
export function programsContaining<M extends Member>(
  members: ReadonlyMap<string, M>,
): ReadonlyMap<string, readonly M[]> {
  const containing = new Map<string, M[]>([...members.keys()].map((folder) => [folder, []]));
  for (const program of members.values()) {
    if (!program.isProgram) continue;
    for (const part of contentsOf(program, members)) containing.get(part)?.push(program);
  }
  return containing;
}

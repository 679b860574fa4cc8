import type { ProjectGraph, TargetConfiguration, Task } from '@nx/devkit';
import type { ProgramTaskOptions } from '../tasks/options';

/** The part of Nx's project graph that is read. */
export type Graph = Pick<ProjectGraph, 'nodes' | 'dependencies'>;

/** A program to build, and the projects among those asked for whose crates it contains. */
export interface ChosenProgram {
  readonly options: ProgramTaskOptions;
  readonly projects: readonly string[];
}

/** Executors whose tasks say which program a run is about. */
const ABOUT_A_PROGRAM = ['nx-hotpatch:image', 'nx-hotpatch:patch'];

/**
 * The programs by whose builds the crates of some projects are compiled, each once.
 *
 * Cargo decides a crate's features by the program that it is built for, so a crate is compiled as a part of a program. The
 * programs that the run is about come first; projects that none of these contains take the first, by name, that does.
 *
 * @param asked   names of the projects
 * @param profile cargo's name of the one by which they are compiled
 * @param run     all tasks of this run of Nx
 * @throws Error when no program contains a project
 */
export function programsFor(
  asked: readonly string[],
  profile: string,
  graph: Graph,
  run: readonly Pick<Task, 'target'>[],
): readonly ChosenProgram[] {
  const wanted = new Set(asked);
  const chosen = new Map<string, ChosenProgram>();
  const take = (project: string, options: ProgramTaskOptions): void => {
    const contents = contentsOf(project, graph);
    const projects = asked.filter((name) => contents.has(name));
    if (projects.length === 0) return;
    chosen.set(JSON.stringify(options), { options, projects });
    for (const name of contents) wanted.delete(name);
  };
  for (const { target } of run) {
    const found = graph.nodes[target.project]?.data.targets?.[target.target];
    if (!ABOUT_A_PROGRAM.includes(found?.executor ?? '')) continue;
    const options = optionsOf(found, target.configuration);
    // Of a package with several programs nobody may have said which.
    if (options.profile === profile && options.program !== undefined) take(target.project, options);
  }
  const programs = Object.keys(graph.nodes)
    .sort()
    .flatMap((project) => {
      const options = usualProgram(graph, project);
      return options === undefined ? [] : [{ project, options: { ...options, profile } }];
    });
  // A program's own project first: what it contains is compiled on the way.
  for (const { project, options } of programs) if (wanted.has(project)) take(project, options);
  for (const { project, options } of programs) {
    if ([...contentsOf(project, graph)].some((name) => wanted.has(name))) take(project, options);
  }
  const [missed] = wanted;
  if (missed !== undefined) {
    throw new Error(
      `No program contains ${missed}, and a crate is compiled as a part of a program: let a package with a binary or an example depend on it.`,
    );
  }
  return [...chosen.values()];
}

/** What a project's target for images builds when nobody says which program; the first where cargo has no choice. */
function usualProgram({ nodes }: Graph, project: string): ProgramTaskOptions | undefined {
  const target = Object.values(nodes[project]?.data.targets ?? {}).find(
    ({ executor }) => executor === 'nx-hotpatch:image',
  );
  if (target === undefined) return undefined;
  const options = optionsOf(target);
  const others = Object.keys(target.configurations ?? {}).sort();
  const first = others.map((name) => optionsOf(target, name)).find(({ program }) => program !== undefined);
  return options.program === undefined ? first : options;
}

function optionsOf(target: TargetConfiguration | undefined, configuration?: string): ProgramTaskOptions {
  const more = configuration === undefined ? {} : target?.configurations?.[configuration];
  return { ...target?.options, ...more };
}

/** A project and all that it depends on. */
function contentsOf(project: string, { dependencies }: Graph): ReadonlySet<string> {
  const seen = new Set([project]);
  // A set gives also what is added while it is walked.
  for (const next of seen) for (const { target } of dependencies[next] ?? []) seen.add(target);
  return seen;
}

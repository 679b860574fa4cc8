import path from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { batchExecutor } from '../tasks/batch-executor';
import { failed, succeeded, type TaskEnd } from '../tasks/batch-results';
import { build, type TaskBuild } from '../tasks/build';
import { untilInterrupted } from '../tasks/interrupts';
import type { PackageOptions } from '../tasks/options';
import { programsFor } from './programs';
import { publishBuilds } from './publish-builds';
import { slotsOf } from './slots-of';
import { tellUnlisted } from './tell-unlisted';

/** Options of the `codegen` executor. */
export interface CodegenOptions extends PackageOptions {
  /** Over how many folders the units are spread. */
  readonly slots: number;
}

/** Compiles packages into codegen units, each as a part of a program: one build a program, however many are asked for. */
export async function* codegen(
  options: Readonly<Record<string, CodegenOptions>>,
  context: ExecutorContext,
): AsyncGenerator<TaskEnd> {
  const { projectGraph: graph, root } = context;
  const run = context.taskGraph?.tasks ?? {};
  const began = Date.now();
  const signal = untilInterrupted();
  const taskOf = new Map(
    Object.keys(options).map((task) => [run[task]?.target.project ?? context.projectName ?? '', task]),
  );
  const failures = new Map<string, unknown>();
  const builds: TaskBuild[] = [];
  try {
    for (const [profile, asked] of byProfile(taskOf, options)) {
      for (const { options: program, projects } of programsFor(asked, profile, graph, Object.values(run))) {
        try {
          builds.push(await build(program, root, signal));
        } catch (error) {
          for (const project of projects) failures.set(project, error);
        }
      }
    }
    const packages = new Set(Object.values(options).map((each) => each.package));
    const slots = (targetDir: string) => slotsOf(graph, path.relative(root, targetDir));
    const unknown = await publishBuilds(builds, packages, slots);
    for (const [project, task] of taskOf) {
      const pkg = options[task]?.package ?? '';
      if (unknown.has(pkg))
        failures.set(project, new Error(`A source of ${pkg} was saved while it compiled: run it again.`));
    }
  } catch (error) {
    for (const project of taskOf.keys()) failures.set(project, error);
  }
  for (const [project, task] of taskOf) {
    const failure = failures.get(project);
    yield failure === undefined
      ? succeeded(task, began, tellUnlisted(project, builds, context))
      : failed(task, began, failure);
  }
}

/** The projects by the profile by which each is to be compiled: a Cargo workspace can have profiles that another has not. */
function byProfile(
  taskOf: ReadonlyMap<string, string>,
  options: Readonly<Record<string, CodegenOptions>>,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [project, task] of taskOf) {
    const profile = options[task]?.profile ?? 'dev';
    found.set(profile, [...(found.get(profile) ?? []), project]);
  }
  return found;
}

export default batchExecutor(codegen);

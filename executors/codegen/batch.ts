import path from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { batchExecutor } from '../tasks/batch-executor';
import { failed, succeeded, type TaskEnd } from '../tasks/batch-results';
import type { TaskBuild } from '../tasks/build';
import { untilInterrupted } from '../tasks/interrupts';
import type { PackageOptions } from '../tasks/options';
import { nothingToDo } from '../tasks/other-profile';
import { Builds } from './builds';
import { programsFor } from './programs';
import { publishBuilds } from './publish-builds';
import { slotsOf } from './slots-of';
import { tellBuilt } from './tell-built';
import { tellUnlisted } from './tell-unlisted';
import { type ThirdPartyOptions, thirdParty } from './third-party';

/** Options of the `codegen` executor for a package. */
export interface CodegenOptions extends PackageOptions {
  /** Over how many folders the units are spread. */
  readonly slots: number;
  readonly thirdParty?: undefined;
}

type Options<Kind = CodegenOptions | ThirdPartyOptions> = Readonly<Record<string, Kind>>;

/**
 * Compiles packages into codegen units, each as a part of a program, and what programs need from elsewhere: one build a
 * program, however many tasks want it. Both are one executor because Nx makes one batch of the tasks of one executor, and
 * brings the hits among them before it runs the others.
 */
export async function* codegen(options: Options, context: ExecutorContext): AsyncGenerator<TaskEnd> {
  const began = Date.now();
  const nothing = nothingToDo(context);
  if (nothing !== undefined) {
    for (const task of Object.keys(options)) yield succeeded(task, began, nothing);
    return;
  }
  const builds = new Builds(context.root, untilInterrupted());
  for (const [task, asked] of Object.entries(options)) {
    if (!asked.thirdParty) continue;
    try {
      yield succeeded(task, began, await thirdParty(asked, builds));
    } catch (error) {
      yield failed(task, began, error, builds.wordsOf(error));
    }
  }
  yield* packages(packagesOf(options), context, builds, began);
}

async function* packages(
  options: Options<CodegenOptions>,
  context: ExecutorContext,
  known: Builds,
  began: number,
): AsyncGenerator<TaskEnd> {
  const { projectGraph: graph, root } = context;
  const run = context.taskGraph?.tasks ?? {};
  const taskOf = new Map(
    Object.keys(options).map((task) => [run[task]?.target.project ?? context.projectName ?? '', task]),
  );
  const failures = new Map<string, unknown>();
  const builds: TaskBuild[] = [];
  try {
    for (const [profile, asked] of byProfile(taskOf, options)) {
      for (const { options: program, projects } of programsFor(asked, profile, graph, Object.values(run))) {
        try {
          builds.push(await known.of(program));
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
    const said = tellBuilt(options[task]?.package ?? '', builds) + tellUnlisted(project, builds, context);
    yield failure === undefined
      ? succeeded(task, began, said)
      : failed(task, began, failure, known.wordsOf(failure));
  }
}

function packagesOf(options: Options): Options<CodegenOptions> {
  const entries = Object.entries(options).flatMap(([task, each]) =>
    each.thirdParty ? [] : [[task, each] as const],
  );
  return Object.fromEntries(entries);
}

/** The projects by the profile by which each is to be compiled: a Cargo workspace can have profiles that another has not. */
function byProfile(
  taskOf: ReadonlyMap<string, string>,
  options: Options<CodegenOptions>,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [project, task] of taskOf) {
    const profile = options[task]?.profile ?? 'dev';
    found.set(profile, [...(found.get(profile) ?? []), project]);
  }
  return found;
}

export default batchExecutor(codegen);

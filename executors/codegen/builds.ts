import { build, type TaskBuild } from '../tasks/build';
import { BuildFailure } from '../tasks/build-failure';
import type { ProgramTaskOptions } from '../tasks/options';
import { taskRequest } from '../tasks/request';

/** The builds of a batch: each program once, for whichever tasks. */
export class Builds {
  readonly #all = new Map<string, Promise<TaskBuild>>();
  readonly #told = new Set<BuildFailure>();

  /** @param root absolute path of the Nx workspace */
  constructor(
    private readonly root: string,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws as `build` does, for each task that wants it */
  of(options: ProgramTaskOptions): Promise<TaskBuild> {
    const key = JSON.stringify(taskRequest(options, this.root));
    const known = this.#all.get(key) ?? build(options, this.root, this.signal);
    this.#all.set(key, known);
    return known;
  }

  /** What cargo said when a build failed, the first time that somebody asks. */
  wordsOf(failure: unknown): string {
    if (!(failure instanceof BuildFailure) || this.#told.has(failure)) return '';
    this.#told.add(failure);
    return failure.words;
  }
}

import { performance } from 'node:perf_hooks';
import type { Patched } from './apply';
import type { BuildRecord, CompileResult, Diagnostic, Reason } from './artifacts';
import type { Planned, RefusedChange, Unchanged } from './diff';
import type { Linked } from './link';
import type { Loading } from './load';

/** What a person saved, and since when they wait for an answer. */
export interface Save {
  readonly files: ReadonlySet<string>;
  /** `performance.now()` at the file-change notification. */
  readonly at: number;
  /** Build with cargo in any case: there is no program yet, or the running one cannot take the change. */
  readonly rebuild: boolean;
}

/**
 * The six stages, bound to the build that runs. Each gives its artifact, or what ends the run early.
 * Up to **link** a stage may reject with the signal's reason, and leaves everything as it found it.
 */
export interface Stages {
  capture(save: Save, signal: AbortSignal): Promise<Current | Built | BuildFailed | RefusedChange>;
  compile(save: Save, signal: AbortSignal): Promise<Compiled | CompileFailed>;
  diff(compiled: Compiled): Promise<Planned | Unchanged | RefusedChange>;
  link(plan: Planned): Promise<Linked | RefusedChange>;
  load(image: Linked): Promise<Loading<Linked>>;
  apply(loading: Loading<Linked>): Promise<Patched | RefusedChange>;
}

/** The recipe: what happens between a save and the new code running. */
export async function pipeline(stages: Stages, save: Save, signal: AbortSignal): Promise<Outcome> {
  const lap = stopwatch();

  const build = await stages.capture(save, signal);
  if (build.kind !== 'current') return build;
  lap();

  // Here the record describes the running image: its manifests are unchanged, so replaying the recorded rustc
  // invocations gives what cargo would give.

  const compiled = await stages.compile(save, signal);
  if (compiled.kind !== 'compiled') return compiled;
  const rustc = lap();

  // Here every crate that depends on a saved file has compiled, together, from one state of the sources. Units of
  // earlier compiles that are not live yet are still on the list.

  const plan = await stages.diff(compiled);
  if (plan.kind !== 'planned') return plan;
  const diff = lap();

  // Here every change is either in the plan or proved to concern nothing that runs, and nothing is refused. The plan
  // holds for the live state it was made against, which only a commit changes.

  const image = await stages.link(plan);
  if (image.kind !== 'linked') return image;
  const link = lap();

  // Here every symbol is bound, and the image's place in the window is free in every process. Nothing has left this
  // process yet: it is the last moment at which a newer save can take over.
  signal.throwIfAborted();

  const loading = await stages.load(image);

  // Here the image is on its way, and each process that has it verified has changed nothing that is visible. From
  // here on it is all or none.

  const patched = await stages.apply(loading);
  return patched.kind === 'patched' ? { ...patched, ms: { rustc, diff, link } } : patched;
}

/** How a save ends: with a live patch, or with the first stage that had nothing to hand on. */
export type Outcome = PatchedOutcome | Built | BuildFailed | CompileFailed | Unchanged | RefusedChange;

export interface PatchedOutcome extends Patched {
  /** Milliseconds, as this side measured them. */
  readonly ms: { readonly rustc: number; readonly diff: number; readonly link: number };
}

/** The running program's build is the one to compile against. */
export interface Current {
  readonly kind: 'current';
}
/** cargo made a new image: it is to be started, there is nothing to patch. */
export interface Built {
  readonly kind: 'built';
  readonly record: BuildRecord;
}
export interface BuildFailed {
  readonly kind: 'build-failed';
  readonly reasons: readonly Reason[];
}
export interface Compiled {
  readonly kind: 'compiled';
  readonly result: CompileResult;
}
export interface CompileFailed {
  readonly kind: 'compile-error';
  readonly diagnostics: readonly Diagnostic[];
}

function stopwatch(): () => number {
  let since = performance.now();
  return () => {
    const now = performance.now();
    const ms = now - since;
    since = now;
    return ms;
  };
}

import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { BuildRecord, Diagnostic, PatchedFunction, Reason } from '../pipeline/artifacts';
import { digestOfText } from '../pipeline/capture/crate-inputs';
import { readToolchain } from '../pipeline/capture/toolchain';
import { Compiler } from '../pipeline/compile/compile';
import { makeSessionFolder } from '../pipeline/compile/session-folder';
import { diff } from '../pipeline/diff';
import { type EngineCall, EngineHost } from '../pipeline/engine';
import { link } from '../pipeline/link';
import { type LiveBuild, PatchSpace } from '../pipeline/live-build';
import type { Processes } from '../pipeline/processes';
import { type Base, changedManifests } from '../tasks/base';
import { usualLayout } from './layout';
import { librariesOf } from './libraries';

/** What became of it. */
export type PatchAttempt =
  | {
      readonly outcome: 'patched';
      readonly functions: readonly PatchedFunction[];
      readonly notes: readonly string[];
      readonly bytes: Buffer;
    }
  | { readonly outcome: 'unchanged'; readonly notes: readonly string[] }
  | { readonly outcome: 'refused'; readonly reasons: readonly Reason[] }
  | { readonly outcome: 'compile-error'; readonly diagnostics: readonly Diagnostic[] };

/** Compiles the present sources as the base was compiled, and makes the patch between the two. No process takes part. */
export async function makePatch(base: Base, engine: EngineCall, signal: AbortSignal): Promise<PatchAttempt> {
  const { record } = base;
  const others = changedManifests(base).map((file) => path.relative(record.workspaceRoot, file));
  if (!isOfThisToolchain(record)) others.unshift('The Rust toolchain');
  if (others.length > 0) return { outcome: 'refused', reasons: others.map(changed) };

  const folder = await makeSessionFolder(record);
  const compiler = new Compiler(record, folder);
  const layout = usualLayout(await librariesOf(record.image.file));
  const host = EngineHost.open(engine, record);
  // Whoever awaits it gets the error.
  host.catch(() => {});
  try {
    // Which files changed since then nobody watched. rustc's incremental state tells, of all of them.
    const sources = new Set(record.crates.flatMap((crate) => crate.sources));
    const compiled = await compiler.compile(sources, signal);
    if (!compiled.ok) return { outcome: 'compile-error', diagnostics: compiled.diagnostics };
    const build: LiveBuild = {
      record,
      host,
      processes: nobody(layout),
      space: new PatchSpace(),
      accept: (result) => compiler.accept(result),
      withdraw: (units) => compiler.withdraw(units),
    };
    const plan = await diff(build, compiled);
    if (plan.kind === 'unchanged') return { outcome: 'unchanged', notes: plan.notes };
    if (plan.kind === 'refused') return { outcome: 'refused', reasons: plan.reasons };
    const linked = await link(build, plan);
    if (linked.kind === 'refused') return { outcome: 'refused', reasons: linked.reasons.map(withoutProcess) };
    const { functions, notes } = linked.plan;
    return { outcome: 'patched', functions, notes, bytes: linked.image.bytes };
  } finally {
    await compiler.close();
    await host.then((open) => open.close()).catch(() => {});
    await rm(folder, { recursive: true, force: true });
  }
}

/** The room that the linker was told of is none, because only a process knows where it has it. */
function withoutProcess(reason: Reason): Reason {
  if (reason.code !== 'thread-locals-exhausted') return reason;
  return {
    ...reason,
    message:
      'A new thread-local needs room that only a running process has, and this patch is made without one.',
    remedy:
      'Let `nx run <project>:hotpatch` patch the program while it runs, or restart it with the new build.',
  };
}

function nobody(layout: Processes['layout']): Processes {
  return { layout, pids: [], deliver: () => [], keep: () => {}, unload: async () => [] };
}

/** Objects of two compilers have nothing in common. */
function isOfThisToolchain({ image, crates, env }: BuildRecord): boolean {
  const own = crates.find(({ id }) => id === image.crate);
  if (own?.inputs == null) return true;
  const { version } = readToolchain(own.cwd, { ...process.env, ...env });
  return own.inputs.toolchain === digestOfText(version);
}

function changed(subject: string): Reason {
  return {
    code: 'manifest-changed',
    subject,
    message: `${subject} changed, and with it how the program is built.`,
    remedy: 'Build it again: `nx run <project>:hotpatch-image`.',
  };
}

import type { PatchedFunction } from '../../pipeline/artifacts';
import type {
  BusyFunction,
  ExitedEvent,
  PatchedEvent,
  RefusalAction,
  RefusedEvent,
  SessionEvent,
  UndoneEvent,
} from '../events';
import { KEYS_IN_SHORT } from '../keys/bindings';
import { exitCode } from '../program/child';
import { crashLines } from './crash-lines';
import { isError } from './known-warnings';
import { patchList, size, statusLines } from './status-lines';

/** What the lines say of the program; events do not repeat it. */
export interface Subject {
  /** `app`, as the project or binary is called. */
  readonly name: string;
  /** Names of the workspace's crates that are watched, dependencies first. */
  readonly crates: readonly string[];
  /** Whether keys on the terminal are commands of the session. */
  readonly keys?: boolean;
}

/** Colours a part of a line; the identity without a terminal. */
export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  dim(text: string): string;
}

/** So many functions are named in a line; the events file has all of them. */
const NAMES = 4;

/** The lines of a person's terminal for one event, most of the time one. */
export function lines(
  event: SessionEvent,
  subject: Subject,
  paint: Paint,
  verbose = false,
): readonly string[] {
  switch (event.event) {
    case 'ready': {
      const count = subject.crates.length;
      const crates = `${count} ${count === 1 ? 'crate' : 'crates'}`;
      return [
        `${paint.good('✓')} ${subject.name} running (pid ${event.pid}), watching ${crates}`,
        ...(subject.keys ? [`  ${paint.dim(KEYS_IN_SHORT)}`] : []),
      ];
    }
    case 'patched':
      return [
        `${paint.good('✓')} ${patched(event, subject)}   ${paint.dim(stages(event))}`,
        ...(verbose ? event.functions.map(({ change, name }) => `  ${change} ${name}`) : []),
        ...busy(event.busy, paint),
        ...notes(event.notes, paint),
      ];
    case 'undone':
      return undone(event, subject, paint);
    case 'unloaded': {
      // What is kept is told on request only: it is tried again, and nothing is wrong with it.
      if (event.patches.length === 0) return [];
      const bytes = event.patches.reduce((sum, each) => sum + each.bytes, 0);
      const which = patchList(event.patches.map(({ patch }) => patch));
      return [paint.dim(`· freed ${size(bytes)} of ${which}, which nothing can reach any more`)];
    }
    case 'status':
      return statusLines(event, subject, paint);
    case 'unchanged':
      return [`${paint.good('✓')} nothing that runs has changed`, ...notes(event.notes, paint)];
    case 'compile-error':
      return [
        `${paint.bad('✗')} ${errors(event.diagnostics.filter(isError).length)}; ${subject.name} runs on unchanged`,
      ];
    case 'refused':
      return refused(event, subject, paint);
    case 'restarted':
      return [`${paint.good('↻')} ${subject.name} restarted (pid ${event.pid})`];
    case 'crashed':
      return crashLines(event, subject, paint);
    case 'exited':
      return [exited(event, subject, paint)];
  }
}

function patched({ functions, ms, pids }: PatchedEvent, { crates }: Subject): string {
  const changed = functions.filter(({ change }) => change === 'changed');
  const fresh = functions.filter(({ change }) => change === 'new').length;
  const restored = functions.filter(({ change }) => change === 'restored');
  const what = [
    ...(changed.length > 0 ? [`patched ${names(changed, crates)}`] : []),
    ...(restored.length > 0 ? [`restored ${names(restored, crates)}`] : []),
  ];
  if (what.length === 0) what.push('patched constants');
  const extra = fresh > 0 ? ` (+${fresh} new)` : '';
  const where = pids.length > 1 ? ` in ${pids.length} processes` : '';
  return `${what.join(', ')}${extra}${where} in ${Math.round(ms.total)} ms`;
}

function undone(event: UndoneEvent, { crates, name }: Subject, paint: Paint): readonly string[] {
  const what = event.functions.length > 0 ? `: ${names(event.functions, crates)} as before` : '';
  const pause = `in ${Math.round(event.ms)} ms`;
  return [
    `${paint.good('✓')} took back ${patchList(event.patches)} ${pause}${what}`,
    ...busy(event.busy, paint),
    `  ${paint.dim(`the sources are ahead of ${name} now: the next save brings them in again`)}`,
  ];
}

/** The program has the new code, and yet these calls go on in the old one. */
function busy(functions: readonly BusyFunction[], paint: Paint): readonly string[] {
  const one = ({ name, threads }: BusyFunction) => {
    const who = threads.length === 1 ? `thread ${threads[0]}` : `threads ${threads.join(', ')}`;
    return `${name} (${who}): it runs its old code until it returns`;
  };
  return functions.map((each) => `  ${paint.dim(`still on a stack: ${one(each)}`)}`);
}

function names(functions: readonly PatchedFunction[], crates: readonly string[]): string {
  // Instances of one generic function have one name; it is said once.
  const distinct = [...new Set(functions.map(({ name }) => name))];
  // What was edited comes before the callers of it that changed too, and what the user wrote before the instances of
  // library functions that it brings along.
  const crateOf = [...crates.map((crate) => new RegExp(`^[<&]*${crate}::`)), /^/];
  const ranked = distinct.map((name) => ({ name, rank: crateOf.findIndex((crate) => crate.test(name)) }));
  const sorted = ranked.sort((a, b) => a.rank - b.rank).map(({ name }) => name);
  const more = sorted.length - NAMES;
  const shown = sorted.slice(0, NAMES).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function stages({ ms }: PatchedEvent): string {
  const apply = ms.load + ms.apply;
  return `rustc ${Math.round(ms.rustc)} · diff ${Math.round(ms.diff)} · link ${Math.round(ms.link)} · apply ${Math.round(apply)}`;
}

const AFTER: Record<RefusalAction, (name: string) => string> = {
  none: (name) => `nothing was done; ${name} runs on as it was`,
  restart: (name) => `building anew to restart ${name}`,
  keep: (name) => `${name} runs on with the old code`,
  stop: (name) => `${name} was not started`,
};

function refused({ reasons, action }: RefusedEvent, { name }: Subject, paint: Paint): readonly string[] {
  return [
    ...reasons.map(({ message, remedy }) => `${paint.bad('✗')} ${message} ${paint.dim(remedy)}`),
    `  ${AFTER[action](name)}`,
  ];
}

/** Signals by which people end programs; the others mean a crash. */
const WANTED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function exited(event: ExitedEvent, { name }: Subject, paint: Paint): string {
  const { pid, code, signal } = event;
  const who = `${name} (pid ${pid}) ended`;
  if (signal === null) return `${code === 0 ? paint.good('✓') : paint.bad('✗')} ${who} with code ${code}`;
  return `${WANTED.includes(signal) ? '·' : paint.bad('✗')} ${who} by ${signal} (code ${exitCode(event)})`;
}

function notes(texts: readonly string[], paint: Paint): readonly string[] {
  return texts.map((note) => `  ${paint.dim(note)}`);
}

function errors(count: number): string {
  return count === 1 ? 'it does not compile' : `it does not compile (${count} errors)`;
}

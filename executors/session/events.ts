import type { Diagnostic, PatchedFunction, Reason } from '../pipeline/artifacts';
import schema from './events.schema.json';

export type { Diagnostic, PatchedFunction, Reason } from '../pipeline/artifacts';

/** The JSON schema (draft 2020-12) of one event. */
export const eventSchema: object = schema;

/**
 * What a session tells other tools: `--events=FILE` appends one of these as a JSON object a line.
 * `events.schema.json` beside this file says the same as a JSON schema.
 * Fields may be added in later versions; none is renamed or removed within a major version.
 */
export type SessionEvent =
  | ReadyEvent
  | PatchedEvent
  | UnchangedEvent
  | CompileErrorEvent
  | RefusedEvent
  | RestartedEvent
  | ExitedEvent;

/** The program runs, its loader has reported, and files are watched: a save from here on is seen. */
export interface ReadyEvent {
  readonly event: 'ready';
  readonly pid: number;
  /** Absolute path of the program. */
  readonly image: string;
  /** GNU build id, lower-case hex. */
  readonly buildId: string;
}

/** A patch is live in every process of the program. */
export interface PatchedEvent {
  readonly event: 'patched';
  /** Numbered from 1, anew after each restart. */
  readonly patch: number;
  readonly pids: readonly number[];
  readonly functions: readonly PatchedFunction[];
  /** Size of the patch image. */
  readonly bytes: number;
  readonly ms: StageTimes;
  readonly notes: readonly string[];
}

/** Milliseconds. `load` and `apply` are those of the slowest process. */
export interface StageTimes {
  readonly rustc: number;
  readonly diff: number;
  readonly link: number;
  readonly load: number;
  readonly apply: number;
  /** From the file-change notification to the last process's acknowledgement. */
  readonly total: number;
}

/** A save after which nothing that runs has changed. */
export interface UnchangedEvent {
  readonly event: 'unchanged';
  readonly notes: readonly string[];
}

/** The crate does not compile; the program runs on unchanged. */
export interface CompileErrorEvent {
  readonly event: 'compile-error';
  /** `rendered` is without colour. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * `restart`: the program is about to be built anew and restarted. `keep`: it runs on with the old code. `stop`: there
 * is no program yet and there will be none.
 */
export type RefusalAction = 'restart' | 'keep' | 'stop';

/** A change that is not applied to the running program, with every reason. */
export interface RefusedEvent {
  readonly event: 'refused';
  readonly reasons: readonly Reason[];
  readonly action: RefusalAction;
}

/** The program was built anew and started again; its loader has reported. */
export interface RestartedEvent {
  readonly event: 'restarted';
  readonly pid: number;
}

/** The program ended by itself or with the session; the last event. */
export interface ExitedEvent {
  readonly event: 'exited';
  readonly pid: number;
  /** Null when a signal ended it. */
  readonly code: number | null;
  /** `SIGSEGV`, ... or null. */
  readonly signal: string | null;
}

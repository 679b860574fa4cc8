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
  | UndoneEvent
  | UnloadedEvent
  | StatusEvent
  | UnchangedEvent
  | CompileErrorEvent
  | RefusedEvent
  | RestartedEvent
  | CrashedEvent
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
  /** Functions of which some thread is in the middle: it runs the old code until it returns from it. */
  readonly busy: readonly BusyFunction[];
  /** Size of the patch image. */
  readonly bytes: number;
  readonly ms: StageTimes;
  /** The longest time that a thread of the program had to wait, in microseconds. */
  readonly pauseUs: number;
  readonly notes: readonly string[];
}

export interface BusyFunction {
  readonly name: string;
  readonly symbol: string;
  readonly pid: number;
  /** `name (tid)` each. */
  readonly threads: readonly string[];
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

/** Patches were taken back in every process: functions run the code of before. The next save brings the sources' state. */
export interface UndoneEvent {
  readonly event: 'undone';
  /** Newest first; more than was asked for when later ones build on it. */
  readonly patches: readonly number[];
  readonly pids: readonly number[];
  /** Functions that run older code again. */
  readonly functions: readonly PatchedFunction[];
  readonly busy: readonly BusyFunction[];
  /** Milliseconds from the request to the last process's acknowledgement. */
  readonly ms: number;
  readonly pauseUs: number;
}

/** Memory of patches that nothing can reach was freed. */
export interface UnloadedEvent {
  readonly event: 'unloaded';
  readonly pid: number;
  readonly patches: readonly { readonly patch: number; readonly bytes: number }[];
  /** What may be freed and is still reached; `by` says by what. It is tried again. */
  readonly kept: readonly KeptPatch[];
}

export interface KeptPatch {
  readonly patch: number;
  readonly bytes: number;
  readonly by: string;
}

/** The answer to the question for the state. */
export interface StatusEvent {
  readonly event: 'status';
  readonly pids: readonly number[];
  /** All patches since the program was started, in order. */
  readonly patches: readonly PatchStatus[];
  /** How many patches are `live`. */
  readonly live: number;
  /** Memory of all patches that are not unloaded, in a process. */
  readonly bytes: number;
  /** What was saved does not run: it did not compile, was refused and kept, or was taken back. */
  readonly pending: boolean;
}

/**
 * `live`: some of its functions run. `replaced`: none does, later patches have them. `taken-back`: it was undone.
 * `unloaded`: replaced or undone, and its memory is free.
 */
export type PatchState = 'live' | 'replaced' | 'taken-back' | 'unloaded';

export interface PatchStatus {
  readonly patch: number;
  readonly state: PatchState;
  /** Names of the functions that it brought. */
  readonly functions: readonly string[];
  readonly bytes: number;
  /** Why it is not unloaded although nothing in it is current; null when nobody has looked, or it is unloaded. */
  readonly keptBy: string | null;
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
 * is no program yet and there will be none. `none`: what was refused is no change of the sources but a request (to take
 * back a patch, for one), and nothing was done.
 */
export type RefusalAction = 'restart' | 'keep' | 'stop' | 'none';

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

/**
 * A process that had patches was ended by a signal that nobody of this session sent. `exited` follows when it was the
 * program's first process.
 */
export interface CrashedEvent {
  readonly event: 'crashed';
  readonly pid: number;
  /** `SIGSEGV`, ... */
  readonly signal: string;
  /** Of the thread; null when the process could not say (SIGKILL, a stack that has no room). */
  readonly thread: string | null;
  /** `0x...`: what was accessed, or where the instruction was; null when the signal was sent. */
  readonly address: string | null;
  readonly where: CrashPlace;
  /** The patch and the function that `where` is about; null when it is neither `in-patch` nor `under-patch`. */
  readonly patch: number | null;
  readonly function: string | null;
  /** The innermost first. */
  readonly frames: readonly CrashFrame[];
  /** Folder with all that is needed to reproduce it; null when it could not be written. */
  readonly folder: string | null;
  /** The command that does. */
  readonly reproduce: string | null;
}

/**
 * `in-patch`: the instruction belongs to a patch. `under-patch`: it was called, directly or not, from code of a patch.
 * `program`: no code of a patch was found on the stack. `unknown`: the process left no word.
 */
export type CrashPlace = 'in-patch' | 'under-patch' | 'program' | 'unknown';

export interface CrashFrame {
  /** `0x...`, absolute. */
  readonly address: string;
  /** Demangled; null outside of the program and its patches, in a shared library for one. */
  readonly function: string | null;
  /** Bytes from the function's start; null without one. */
  readonly offset: number | null;
  /** Number of the patch that the code belongs to; null for that of the build. */
  readonly patch: number | null;
  /** `file:line`, relative to the workspace for its own crates; null without debug information. */
  readonly at: string | null;
  /**
   * Whether the frame is certain. The first one is where the instruction was; all others are words on the stack that
   * look like return addresses, and one can be left over from an earlier call.
   */
  readonly certain: boolean;
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

import type { Acknowledgement, PatchImage, Reason } from './artifacts';

/** Offsets from the thread pointer. */
export interface ThreadLocalRoom {
  /** Of the reserved pool for new thread-locals, and its size. */
  readonly tpOffset: number;
  readonly size: number;
  /** Of the image's own block: what is said of a shared library, and follows from the file of a program. */
  readonly image?: number;
}

/** Where a patch can lie in the running program. Numbers are bytes relative to the host image's load bias. */
export interface ProgramLayout {
  readonly window: { readonly offset: number; readonly size: number };
  readonly tls: ThreadLocalRoom;
  readonly libraries: readonly string[];
}

/** What became of a patch in one process. A process that ended meanwhile is `gone`, which is no failure. */
export type DeliveryOutcome =
  | { readonly kind: 'applied'; readonly acknowledgement: Acknowledgement }
  | { readonly kind: 'refused'; readonly reasons: readonly Reason[] }
  | { readonly kind: 'gone' };

/** A patch on its way to one process. */
export interface Delivery {
  readonly pid: number;
  readonly outcome: Promise<DeliveryOutcome>;
  /** Takes the patch back; only for the newest one. Resolves also when the process is gone. */
  undo(): Promise<void>;
}

/** What became in one process of the patches that were offered for unloading. */
export interface UnloadOutcome {
  readonly pid: number;
  readonly unloaded: readonly { readonly patch: number; readonly bytes: number }[];
  /** `by`: what still reaches the patch, in words. */
  readonly kept: readonly { readonly patch: number; readonly bytes: number; readonly by: string }[];
}

/** The connected processes of the running program: several when it forks or is run more than once. */
export interface Processes {
  /** The layout that all connected processes share; undefined while none is connected. */
  readonly layout: ProgramLayout | undefined;
  readonly pids: readonly number[];
  /** Sends the patch to every connected process. */
  deliver(image: PatchImage): readonly Delivery[];
  /** From now on the patch is live: a process that connects later, or connected meanwhile, gets it too. */
  keep(image: PatchImage): void;
  /**
   * Asks every process to free what nothing can reach of these patches, in which nothing is current. A patch that a
   * process does not have, or has freed before, is not asked of it.
   */
  unload(patches: readonly number[]): Promise<readonly UnloadOutcome[]>;
}

import type { BuildRecord, PatchedFunction, Reason } from './artifacts';
import { asRefusal } from './engine-error';

/**
 * The engine's operations as the session sees them: one JSON request, one JSON reply, sometimes bytes.
 * The engine keeps hosts and plans by number; everything it is told apart from that travels in the request.
 */
export type EngineCall = (request: object) => Promise<{ readonly reply: unknown; readonly bytes?: Buffer }>;

/** A codegen unit that a compile made anew; `path` is null when the unit no longer exists. */
export interface ChangedUnit {
  /** The id of its `CrateRecord`. */
  readonly crate: string;
  /** The unit's name, without `.o`. */
  readonly unit: string;
  readonly path: string | null;
}

export interface OpenReply {
  readonly host: number;
  readonly buildId: string;
  readonly units: number;
}

export interface DiffReply {
  readonly plan: number;
  readonly functions: readonly PatchedFunction[];
  readonly writes: number;
  readonly notes: readonly string[];
  readonly refused: readonly Reason[];
  /** Why a process refuses the patch that has values of an old layout. Its loader finds out. */
  readonly layouts: readonly Reason[];
}

export interface LinkRequest {
  readonly plan: number;
  readonly patch: number;
  /** Where the patch's first byte will lie, relative to the host's load bias. */
  readonly offset: number;
  /** Shared libraries that the process has loaded, as its loader listed them. */
  readonly libraries: readonly string[];
  /** The reserved thread-local pool as the loader described it, and how many of its bytes live patches use. */
  readonly tls: { readonly tpOffset: number; readonly size: number; readonly used: number };
}

export interface LinkReply {
  /** Bytes of the image. */
  readonly size: number;
  /** Bytes that it takes in the window: debug sections are not loaded. */
  readonly memory: number;
  readonly tlsUsed: number;
  /** All functions of the patch: those of the plan, and the new ones that they need. */
  readonly functions: readonly PatchedFunction[];
  /** About what comes along. */
  readonly notes: readonly string[];
  readonly refused: readonly Reason[];
}

export interface UndoRequest {
  /** The patch to be taken back. */
  readonly target: number | 'newest';
  /** The number of the image that does it. */
  readonly patch: number;
  /** As in `LinkRequest`. */
  readonly offset: number;
}

/** A unit and the object that the running code was made from; `path` is null when the unit did not exist. */
export interface LiveUnit {
  readonly crate: string;
  readonly unit: string;
  readonly path: string | null;
}

export interface UndoReply {
  readonly plan: number;
  /** All patches that are taken back, the newest first: that one, and the later ones that build on it. */
  readonly patches: readonly number[];
  /** Functions that run older code again. */
  readonly functions: readonly PatchedFunction[];
  /** What the running code is made from once the plan is committed. */
  readonly units: readonly LiveUnit[];
  /** Bytes that the image takes in the window. */
  readonly memory: number;
  readonly refused: readonly Reason[];
}

/**
 * `live`: something in it is current. `replaced`: nothing is, later patches have it. `taken-back`: it was undone.
 */
export type PatchState = 'live' | 'replaced' | 'taken-back';

export interface PatchStatus {
  readonly patch: number;
  /** Names of the functions that it redirected, added or restored. */
  readonly functions: readonly string[];
  /** Bytes that it takes in the window. */
  readonly bytes: number;
  readonly state: PatchState;
}

/**
 * One indexed base image together with the patches that are live on it.
 *
 * A plan is made against the live state and ends in exactly one of `commit` (all processes have it) and
 * `abandon` (none has). Calls reject with a Refusal when a file cannot be used,
 * else with an Error of one sentence.
 */
export class EngineHost {
  private constructor(
    private readonly call: EngineCall,
    private readonly host: number,
    readonly buildId: string,
    readonly units: number,
  ) {}

  static async open(engine: EngineCall, { image, crates }: BuildRecord): Promise<EngineHost> {
    const call: EngineCall = (operation) =>
      engine(operation).catch((error: unknown) => {
        throw asRefusal(error);
      });
    const { reply } = await call({
      op: 'open',
      image: image.file,
      crates: crates.map(({ id, units }) => ({ id, units, unlinked: !image.crates.includes(id) })),
      archives: image.archives,
    });
    const { host, buildId, units } = reply as OpenReply;
    return new EngineHost(call, host, buildId, units);
  }

  /** @param threadBlock of a shared library: the offset from the thread pointer to its thread-locals, where it runs */
  async diff(changed: readonly ChangedUnit[], threadBlock?: number): Promise<DiffReply> {
    const { reply } = await this.call({ op: 'diff', host: this.host, changed, threadBlock });
    return reply as DiffReply;
  }

  /** `bytes` is the patch image; it is empty when `refused` is not. */
  async link(request: LinkRequest): Promise<LinkReply & { readonly bytes: Buffer }> {
    const { reply, bytes } = await this.call({ op: 'link', host: this.host, ...request });
    return { ...(reply as LinkReply), bytes: bytes ?? Buffer.alloc(0) };
  }

  /** Every process acknowledged: what the plan describes is live from here on. */
  async commit(plan: number): Promise<void> {
    await this.call({ op: 'commit', host: this.host, plan });
  }

  async abandon(plan: number): Promise<void> {
    await this.call({ op: 'abandon', host: this.host, plan });
  }

  /** Makes the image that takes a patch back: a plan like any other. `bytes` is empty when `refused` is not. */
  async undo(request: UndoRequest): Promise<UndoReply & { readonly bytes: Buffer }> {
    const { reply, bytes } = await this.call({ op: 'undo', host: this.host, ...request });
    return { ...(reply as UndoReply), bytes: bytes ?? Buffer.alloc(0) };
  }

  /** All patches that were ever live, in order. */
  async status(): Promise<readonly PatchStatus[]> {
    const { reply } = await this.call({ op: 'status', host: this.host });
    return (reply as { readonly patches: readonly PatchStatus[] }).patches;
  }

  /**
   * Patches in which nothing is current and to which nothing current refers: the loaders may free them. From this answer
   * on none of them becomes current again: to take a later one back takes them back too, where it would need them.
   */
  async unreachable(): Promise<readonly number[]> {
    const { reply } = await this.call({ op: 'unreachable', host: this.host });
    return (reply as { readonly patches: readonly number[] }).patches;
  }

  /** Every process has freed these: their entries are not redirected any more, and what they refer to can go next. */
  async unloaded(patches: readonly number[]): Promise<void> {
    await this.call({ op: 'unloaded', host: this.host, patches });
  }

  async close(): Promise<void> {
    await this.call({ op: 'close', host: this.host });
  }
}

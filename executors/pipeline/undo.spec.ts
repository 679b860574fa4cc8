import type { PatchImage, Reason } from './artifacts';
import type { LiveUnit, UndoReply, UndoRequest } from './engine';
import { type LiveBuild, PatchSpace } from './live-build';
import type { Delivery, DeliveryOutcome } from './processes';
import { undo } from './undo';

const REASON: Reason = { code: 'undo-unknown', subject: 'patch 9', message: 'None.', remedy: 'Look.' };
const UNITS = [{ unit: 'leaf.0', object: '/old.o' }] as unknown as readonly LiveUnit[];
const WINDOW = -0x2000_0000;
const SLOT = 128 * 1024;

/** A build with patches 1 and 2 live in two processes; a test replaces what it is about. */
class Bench {
  /** What was asked of engine, processes and build, in order. */
  readonly done: string[] = [];
  readonly requests: UndoRequest[] = [];
  outcomes: Record<number, DeliveryOutcome['kind']> = { 7: 'applied', 8: 'applied' };
  connected = true;
  refused: readonly Reason[] = [];
  readonly space = new PatchSpace();

  constructor() {
    this.space.take(1, 16);
    this.space.take(SLOT + 1, 24);
  }

  readonly build = {
    record: { image: { path: '/target/app' } },
    host: Promise.resolve({
      undo: async (request: UndoRequest): Promise<UndoReply & { bytes: Buffer }> => {
        this.requests.push(request);
        return {
          plan: 5,
          patches: [2],
          functions: [{ name: 'app::hello', symbol: '_ZN', change: 'restored' }],
          units: UNITS,
          memory: 4096,
          refused: this.refused,
          bytes: Buffer.from('image'),
        } as unknown as UndoReply & { bytes: Buffer };
      },
      commit: async (plan: number) => this.done.push(`commit ${plan}`),
      abandon: async (plan: number) => this.done.push(`abandon ${plan}`),
    }),
    space: this.space,
    accept: () => this.done.push('accept'),
    withdraw: (units: unknown) => this.done.push(units === UNITS ? 'withdraw' : 'withdraw something else'),
    processes: {
      keep: ({ patch }: PatchImage) => this.done.push(`keep ${patch}`),
      deliver: (image: PatchImage) => this.#deliver(image),
      layout: { window: { offset: WINDOW, size: 1 << 28 }, tls: { tpOffset: -64, size: 64 }, libraries: [] },
    },
  };

  undo(target: number | 'newest' = 'newest') {
    const { processes, ...rest } = this.build;
    const layout = this.connected ? processes.layout : undefined;
    return undo({ ...rest, processes: { ...processes, layout } } as unknown as LiveBuild, target);
  }

  #deliver({ patch, bytes }: PatchImage): readonly Delivery[] {
    return Object.entries(this.outcomes).map(([id, kind]) => {
      const pid = Number(id);
      this.done.push(`${bytes} ${patch} to ${pid}`);
      const acknowledgement = { pid, patch, functions: [], ms: { load: 1, apply: 2 }, pauseUs: 9, busy: [] };
      const outcome = { kind, acknowledgement, reasons: [REASON] } as unknown as DeliveryOutcome;
      const takeBack = async () => void this.done.push(`undo ${patch} in ${pid}`);
      return { pid, outcome: Promise.resolve(outcome), undo: takeBack };
    });
  }
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

describe('taking a patch back', () => {
  test('is a patch of its own that goes to every process, and what was compiled since is owed again', async () => {
    const outcome = await bench.undo(2);
    expect(bench.requests).toEqual([{ target: 2, patch: 3, offset: WINDOW + 3 * SLOT }]);
    expect(bench.done).toEqual(['image 3 to 7', 'image 3 to 8', 'keep 3', 'commit 5', 'withdraw']);
    expect(outcome).toMatchObject({
      kind: 'taken-back',
      patches: [2],
      functions: [{ name: 'app::hello' }],
      acknowledgements: [{ pid: 7 }, { pid: 8 }],
    });
  });

  test('leaves the place and the thread-locals of earlier patches as they are', async () => {
    await bench.undo();
    expect([bench.space.nextPatch, bench.space.offset, bench.space.tlsUsed]).toEqual([4, 4 * SLOT, 24]);
  });

  test('that the engine refuses reaches no process and takes no number', async () => {
    bench.refused = [REASON];
    expect(await bench.undo(9)).toEqual({ kind: 'refused', reasons: [REASON] });
    expect(bench.done).toEqual([]);
    expect(bench.space.nextPatch).toBe(3);
  });

  test('that one process refuses is taken back in the others, and nothing has changed but the number', async () => {
    bench.outcomes = { 7: 'applied', 8: 'refused' };
    expect(await bench.undo()).toEqual({ kind: 'refused', reasons: [REASON] });
    expect(bench.done).toEqual(['image 3 to 7', 'image 3 to 8', 'undo 3 in 7', 'abandon 5']);
    expect(bench.space.nextPatch).toBe(4);
  });

  test('holds without a process that ends meanwhile', async () => {
    bench.outcomes = { 7: 'gone', 8: 'applied' };
    expect(await bench.undo()).toMatchObject({ kind: 'taken-back', acknowledgements: [{ pid: 8 }] });
    expect(bench.done.slice(2)).toEqual(['keep 3', 'commit 5', 'withdraw']);
  });

  test('is refused when every process ends meanwhile', async () => {
    bench.outcomes = { 7: 'gone', 8: 'gone' };
    expect(await bench.undo()).toMatchObject({ kind: 'refused', reasons: [{ code: 'not-connected' }] });
    expect(bench.done.slice(2)).toEqual(['abandon 5']);
  });

  test('is refused without asking the engine when no process is connected', async () => {
    bench.connected = false;
    expect(await bench.undo()).toMatchObject({ kind: 'refused', reasons: [{ code: 'not-connected' }] });
    expect([bench.requests, bench.done]).toEqual([[], []]);
  });
});

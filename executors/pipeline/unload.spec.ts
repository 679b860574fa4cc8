import type { LiveBuild } from './live-build';
import type { UnloadOutcome } from './processes';
import { Unloader } from './unload';

const KIB = 1024;

/** A build whose engine and processes say what the test wants. */
class Bench {
  unreachable: number[] = [];
  bytes = 4 * KIB;
  now = 0;
  asked: (readonly number[])[] = [];
  /** What still reaches a patch in process 7. */
  reached = new Map<number, string>();

  readonly unloader = new Unloader(
    {
      host: Promise.resolve({
        unreachable: async () => this.unreachable,
        unloaded: async () => undefined,
        status: async () =>
          this.unreachable.map((patch) => ({ patch, bytes: this.bytes, functions: [], state: 'replaced' })),
      }),
      processes: { unload: async (patches: readonly number[]) => this.#unload(patches) },
    } as unknown as LiveBuild,
    () => this.now,
  );

  #unload(patches: readonly number[]): readonly UnloadOutcome[] {
    this.asked.push(patches);
    const size = (patch: number) => ({ patch, bytes: this.bytes });
    const isKept = (patch: number) => this.reached.has(patch);
    return [
      {
        pid: 7,
        unloaded: patches.filter((patch) => !isKept(patch)).map(size),
        kept: patches.filter(isKept).map((patch) => ({ ...size(patch), by: this.reached.get(patch) ?? '' })),
      },
      { pid: 8, unloaded: patches.map(size), kept: [] },
    ];
  }
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);

test('a few small patches are not worth a look at the memory of the program', async () => {
  bench.unreachable = upTo(7);
  expect(await bench.unloader.run()).toEqual([]);
  expect(bench.asked).toEqual([]);
});

test('many patches are, and large ones', async () => {
  bench.unreachable = upTo(8);
  await bench.unloader.run();
  bench.unreachable = [...upTo(8), 9];
  bench.bytes = 512 * KIB;
  await bench.unloader.run();
  expect(bench.asked).toEqual([upTo(8), [9]]);
  expect(upTo(10).filter((patch) => bench.unloader.isUnloaded(patch))).toEqual(upTo(9));
});

test('what is still reached in one process is tried again, after a second, then two, then four', async () => {
  bench.unreachable = upTo(8);
  bench.reached.set(3, 'the stack of thread worker (9)');
  await bench.unloader.run();
  expect(bench.unloader.isUnloaded(3)).toBe(false);
  expect(bench.unloader.keptBy(3)).toBe('the stack of thread worker (9)');
  for (const wait of [1_000, 2_000, 4_000]) {
    expect(bench.unloader.retryIn).toBe(wait);
    bench.now += wait - 1;
    await bench.unloader.run();
    bench.now += 1;
    await bench.unloader.run();
  }
  expect(bench.asked.slice(1)).toEqual([[3], [3], [3]]);
  bench.reached.clear();
  bench.now += 8_000;
  await bench.unloader.run();
  expect([bench.unloader.isUnloaded(3), bench.unloader.keptBy(3), bench.unloader.retryIn]).toEqual([
    true,
    undefined,
    undefined,
  ]);
});

test('a patch that an undo made current again is neither unloaded nor kept', async () => {
  bench.unreachable = upTo(8);
  bench.reached.set(8, 'a pointer');
  await bench.unloader.run();
  bench.unreachable = upTo(6);
  await bench.unloader.run();
  expect([7, 8].map((patch) => [bench.unloader.isUnloaded(patch), bench.unloader.keptBy(patch)])).toEqual([
    [false, undefined],
    [false, undefined],
  ]);
  expect(bench.unloader.retryIn).toBeUndefined();
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { digestOf } from '../pipeline/capture/crate-inputs';
import type { TaskEnd } from '../tasks/batch-results';
import { unit } from './batch';

let root: string;
const store = (...parts: string[]) => path.join(root, 'target/hotpatch/store/dev', ...parts);
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'hotpatch-unit-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A real object in a slot. */
function compile(slot: string, name: string): void {
  const folder = store('crates/app/app-1/units', slot);
  mkdirSync(folder, { recursive: true });
  const source = path.join(root, `${name}.rs`);
  writeFileSync(source, `#[unsafe(no_mangle)]\npub extern "C" fn ${name}() {}\n`);
  const emit = ['--emit=obj', '--crate-type=lib', '--edition=2024', '-o', path.join(folder, `${name}.o`)];
  execFileSync('rustc', [...emit, source]);
  seal();
}

/** Writes down what the crate's compile made, as `hotpatch-codegen` does. */
function seal(): void {
  const crate = store('crates/app/app-1');
  const objects = readdirSync(crate, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.o'),
  );
  const files = Object.fromEntries(objects.map((file) => [file, digestOf(path.join(crate, file))]));
  writeFileSync(path.join(crate, 'crate.json'), JSON.stringify({ files }));
}

async function run(...slots: string[]): Promise<Record<string, TaskEnd['result']>> {
  const options = { manifestPath: 'Cargo.toml', package: 'app', targetDir: 'target', profile: 'dev' };
  const tasks = Object.fromEntries(slots.map((slot) => [`app:${slot}`, { ...options, slot }]));
  const results: Record<string, TaskEnd['result']> = {};
  for await (const { task, result } of unit(tasks, { root, projectGraph: { nodes: {}, dependencies: {} } }))
    results[task] = result;
  return results;
}

const outputs = (slot: string) =>
  readdirSync(store('indexes/app', slot), { recursive: true, encoding: 'utf8' }).sort();

describe('unit tasks', () => {
  it('leave the index of every unit of their slot, and nothing beside the objects', async () => {
    compile('00', 'one');
    compile('00', 'two');
    compile('01', 'three');
    const results = await run('00', '01');
    expect(Object.values(results).map(({ success }) => success)).toEqual([true, true]);
    expect(outputs('00')).toEqual(['app-1', 'app-1/one.index', 'app-1/two.index']);
    expect(outputs('01')).toEqual(['app-1', 'app-1/three.index']);
    expect(readdirSync(store('crates/app/app-1/units/00')).sort()).toEqual(['one.o', 'two.o']);
  });

  it('forget units that are no more, and have outputs also of an empty slot', async () => {
    compile('00', 'one');
    compile('00', 'two');
    await run('00');
    rmSync(store('crates/app/app-1/units/00/two.o'));
    await run('00', '01');
    expect(outputs('00')).toEqual(['app-1', 'app-1/one.index']);
    expect(outputs('01')).toEqual([]);
  });

  it('fail alone when an object of their slot is not what the compile made, and name it', async () => {
    compile('00', 'one');
    compile('01', 'two');
    writeFileSync(store('crates/app/app-1/units/01/two.o'), 'of somebody else');
    const results = await run('00', '01');
    expect(results['app:00']?.success).toBe(true);
    expect(results['app:01']).toMatchObject({
      success: false,
      terminalOutput: expect.stringMatching(
        /two\.o is not what the compile of app made: run its hotpatch-codegen/,
      ),
    });
    expect(outputs('00')).toEqual(['app-1', 'app-1/one.index']);
  });

  it('fail alone when an object cannot be read', async () => {
    compile('00', 'one');
    compile('01', 'two');
    writeFileSync(store('crates/app/app-1/units/01/two.o'), 'no object');
    seal();
    const results = await run('00', '01');
    expect(results['app:00']?.success).toBe(true);
    expect(results['app:01']).toMatchObject({
      success: false,
      terminalOutput: expect.stringContaining('two.o'),
    });
  });
});

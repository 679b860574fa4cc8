import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { environmentKey } from './build-key';

/** What PyO3's build script names (pyo3-ffi 0.29). */
const PYO3 = ['CONDA_PREFIX', 'PATH', 'PYO3_CONFIG_FILE', 'PYO3_PYTHON', 'VIRTUAL_ENV'];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotpatch-environment-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** An interpreter that says what it compiles extensions for. Gives its folder. */
function interpreter(place: string, says: string): string {
  const file = join(folder, place);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho '${says}'\n`);
  chmodSync(file, 0o755);
  return dirname(file);
}

describe('variables of cargo', () => {
  const plain = environmentKey({}, []);

  it.each(['RUSTFLAGS', 'CARGO_BUILD_RUSTFLAGS', 'CARGO_PROFILE_DEV_DEBUG', 'CARGO_BUILD_TARGET'])(
    'count when they change what is compiled: %s',
    (name) => {
      expect(environmentKey({ [name]: 'a' }, [])).not.toBe(plain);
    },
  );

  it.each(['CARGO_INCREMENTAL', 'CARGO_BUILD_JOBS', 'CARGO_BUILD_INCREMENTAL', 'CARGO_TARGET_DIR'])(
    'do not when CI sets them to save time or room: %s',
    (name) => {
      expect(environmentKey({ [name]: '0' }, [])).toBe(plain);
      expect(environmentKey({ [name]: '0' }, [name])).not.toBe(plain);
    },
  );
});

describe('variables that build scripts name', () => {
  it('count by their values', () => {
    expect(environmentKey({ STAGE: 'a' }, ['STAGE'])).not.toBe(environmentKey({ STAGE: 'b' }, ['STAGE']));
    expect(environmentKey({ STAGE: 'a' }, [])).toBe(environmentKey({ STAGE: 'b' }, []));
    expect(environmentKey({ PATH: '/a' }, ['PATH'])).not.toBe(environmentKey({ PATH: '/b' }, ['PATH']));
  });

  it('count by the Python that they lead to, wherever it lies, when PyO3 looks for it by them', () => {
    const one = interpreter('one/python3', '.cpython-311-x86_64-linux-gnu.so 1');
    const same = interpreter('other/bin/python3', '.cpython-311-x86_64-linux-gnu.so 1');
    const newer = interpreter('newer/python3', '.cpython-312-x86_64-linux-gnu.so 1');
    const key = (env: NodeJS.ProcessEnv) => environmentKey(env, PYO3);
    expect(key({ PATH: `${folder}/nowhere:${one}` })).toBe(key({ PATH: same }));
    expect(key({ PATH: newer })).not.toBe(key({ PATH: same }));
    expect(key({ PATH: '' })).not.toBe(key({ PATH: same }));
  });

  it('lead to the Python of a virtual environment before that of PATH', () => {
    const usual = interpreter('usual/python3', '.cpython-311-x86_64-linux-gnu.so 1');
    interpreter('clone/.venv/bin/python', '.cpython-312-x86_64-linux-gnu.so 1');
    interpreter('deeper/clone/.venv/bin/python', '.cpython-312-x86_64-linux-gnu.so 1');
    const key = (env: NodeJS.ProcessEnv) => environmentKey({ PATH: usual, ...env }, PYO3);
    const [here, there] = ['clone', 'deeper/clone'].map((clone) => join(folder, clone, '.venv'));
    expect(key({ VIRTUAL_ENV: here })).toBe(key({ VIRTUAL_ENV: there }));
    expect(key({ VIRTUAL_ENV: here })).not.toBe(key({}));
    expect(key({ VIRTUAL_ENV: here, CONDA_PREFIX: '/opt/conda' })).toBe(key({}));
    expect(key({ PYO3_PYTHON: join(here ?? '', 'bin/python') })).toBe(key({ VIRTUAL_ENV: there }));
  });
});

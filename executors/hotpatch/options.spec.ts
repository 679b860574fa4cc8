import { normalizeOptions } from './options';
import { programArguments } from './program-arguments';

const normalize = (options: Parameters<typeof normalizeOptions>[0]) =>
  normalizeOptions(options, '/ws', 'crates/app');

describe('options of the hotpatch executor', () => {
  it('need not be given', () => {
    expect(normalize({})).toEqual({
      manifestPath: '/ws/crates/app/Cargo.toml',
      program: { kind: 'default' },
      features: [],
      allFeatures: false,
      noDefaultFeatures: false,
      profile: 'dev',
      cargoArgs: [],
      args: [],
      env: {},
      cwd: '/ws',
      onRefused: 'restart',
      json: false,
      debounceMs: 10,
      clear: false,
      verbose: false,
      keys: 'auto',
    });
  });

  it('hold paths that start at the workspace root', () => {
    expect(
      normalize({ manifestPath: 'x/Cargo.toml', cwd: 'run', events: 'e.jsonl', targetDir: '/t' }),
    ).toMatchObject({
      manifestPath: '/ws/x/Cargo.toml',
      cwd: '/ws/run',
      events: '/ws/e.jsonl',
      targetDir: '/t',
    });
  });

  it('take features as cargo does, in one word or in many', () => {
    expect(normalize({ features: 'a,b c' }).features).toEqual(['a', 'b', 'c']);
    expect(normalize({ features: ['a', 'b,c'] }).features).toEqual(['a', 'b', 'c']);
  });

  it('know release as a profile', () => {
    expect(normalize({ release: true }).profile).toBe('release');
    expect(normalize({ release: true, profile: 'release' }).profile).toBe('release');
    expect(() => normalize({ release: true, profile: 'bench' })).toThrow(/--release and --profile=bench/);
  });

  it('refuse two programs', () => {
    expect(() => normalize({ bin: 'a', example: 'b' })).toThrow(/--bin=a and --example=b/);
  });

  it('put arguments of the command line after those of the configuration', () => {
    const { args } = normalize({
      args: ['serve'],
      release: true,
      __unparsed__: ['--release', '--port', '80'],
    });
    expect(args).toEqual(['serve', '--port', '80']);
  });
});

describe('the words of the command line for the program', () => {
  const options = { release: { isSwitch: true }, bin: { isSwitch: false }, onRefused: { isSwitch: false } };
  const cases: readonly [string, string][] = [
    ['--release --bin=x', ''],
    ['--bin x in.txt', 'in.txt'],
    ['--on-refused keep --onRefused=keep -v', '-v'],
    ['--no-release --no-bin', '--no-bin'],
    ['--port 80 --bin -5 -5', '--port 80 -5'],
    ['--port=80 -- --release --bin y', '--port=80 --release --bin y'],
    ['-- --', '--'],
    ['--constructor --bin', '--constructor'],
  ];
  it.each(cases)('of "%s" are "%s"', (words, expected) => {
    expect(programArguments(words.split(' '), options).join(' ')).toBe(expected);
  });
});

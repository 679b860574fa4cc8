import { CargoWords } from './cargo-words';

const WARNING = 'warning: unused variable: `a`\n --> api/src/main.rs:2:9\n  |\n2 |     let a = 1;\n\n';
const COUNT = 'warning: `api` (bin "api") generated 1 warning\n';

function words(...parts: readonly string[]): CargoWords {
  const said = new CargoWords();
  for (const part of parts) said.add(part);
  return said;
}

describe('what cargo said', () => {
  it('is one line when all went well', () => {
    const said = words(
      '    Updating crates.io index\n   Compiling syn v3.0.10\n   Compil',
      'ing steel v0.1.0 (file:///git/steel#0a1b2c3d)\n   Compiling api v0.1.0 (/ws/api)\n',
      '    Finished `dev` profile [unoptimized + debuginfo] target(s) in 41.00s\n',
    );
    expect(said.summary(41_234)).toBe('2 crates from elsewhere and 1 of the workspace built in 41 s');
    expect([...said.own]).toEqual(['api']);
    expect(said.warnings).toEqual([]);
  });

  it('is nothing when everything was up to date', () => {
    expect(words('    Finished `dev` profile target(s) in 0.08s\n').summary(80)).toBeUndefined();
  });

  it('tells what is being done, by the progress bar when cargo shows one', () => {
    expect(words('  Downloaded tokio v1.54.1\n').now).toBe('Downloaded tokio v1.54.1');
    const bar = '\u001b[1m\u001b[96m    Building\u001b[0m [====>      ] 12/52: syn, tokio      \r\u001b[K';
    const said = words('   Compiling syn v3.0.10\n', bar);
    expect(said.now).toBe('12/52: syn, tokio');
    expect(said.all).toBe('   Compiling syn v3.0.10\n');
  });

  it('has warnings of what was compiled, and counts them by package', () => {
    const compiled = words('   Compiling api v0.1.0 (/ws/api)\n', WARNING, COUNT);
    expect(compiled.warnings).toEqual([WARNING, COUNT]);
    expect(compiled.warningsOf('api')).toBe(1);
    expect(words(WARNING, COUNT, '    Finished `dev`\n').warnings).toEqual([]);
  });

  it('is there whole, for when it fails', () => {
    const text = `   Compiling api v0.1.0 (/ws/api)\n${WARNING}error: could not compile \`api\`\n`;
    expect(words(text).all).toBe(text);
  });
});

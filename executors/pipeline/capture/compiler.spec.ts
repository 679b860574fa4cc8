import { compilerNote } from './compiler';

it.each([
  'rustc 1.85.1 (4eb161250 2025-03-15)',
  'rustc 1.95.0 (59807616e 2026-04-14)',
  'rustc 1.96.0-beta.3 (0123456ab 2026-04-20)',
  'rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)',
  'rustc 1.97.0-nightly (e50aa6fba 2026-05-19)',
])('%s was tested, and nothing is said', (version) => {
  expect(compilerNote(version)).toBeUndefined();
});

it.each([
  ['rustc 1.98.0 (0123456ab 2026-09-01)', 'newer than the tested ones'],
  ['rustc 1.80.1 (376290515 2024-07-16)', 'older than the tested ones'],
  ['rustc 2.0.0 (0123456ab 2030-01-01)', 'a compiler of its own kind'],
  ['rustc 1.95.0-dev', 'a compiler of its own kind'],
  ['rustc 1.90.0 (0123456ab 2025-09-01) (Ferrocene by Ferrous Systems)', 'a compiler of its own kind'],
  ['mrustc 0.11', 'a compiler of its own kind'],
])('%s is named with the tested versions in one line', (version, what) => {
  const note = compilerNote(version);
  expect(note).toContain(`${version} is ${what} (rustc 1.85 to 1.97)`);
  expect(note).not.toContain('\n');
});

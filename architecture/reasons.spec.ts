import { filesIn, isTest, read, withoutTests } from './source-tree';

/** How a reason's code is written in each language; an error's sentence of the engine ends with it in parentheses. */
const IN_TYPESCRIPT = /\bcode: '([a-z-]+)'|\b(?:refuse|reason)\(\s*'([a-z-]+)'/g;
const IN_RUST =
  /\bReason::new\(\s*"([a-z-]+)"|\brefusal\(\s*"([a-z-]+)"|\bcode: "([a-z-]+)"|\(([a-z]+(?:-[a-z]+)+)\)"/g;

/** Codes by the files that use them. */
function codesInSource(): ReadonlyMap<string, readonly string[]> {
  const codes = new Map<string, string[]>();
  const files = filesIn('executors', 'native').filter((file) => /\.(ts|rs)$/.test(file) && !isTest(file));
  for (const file of files) {
    const found = file.endsWith('.ts')
      ? read(file).matchAll(IN_TYPESCRIPT)
      : withoutTests(read(file)).matchAll(IN_RUST);
    for (const match of found) {
      const code = match.slice(1).find((group) => group !== undefined) ?? '';
      codes.set(code, [...(codes.get(code) ?? []), file]);
    }
  }
  return codes;
}

/** Codes that have a row in a table of LIMITS.md: `| `code` | ... |`. */
function codesInLimits(): readonly string[] {
  return [...read('LIMITS.md').matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1] ?? '');
}

describe('the reasons of refusals', () => {
  const inSource = codesInSource();
  const inLimits = codesInLimits();

  it('are explained in LIMITS.md, all of them', () => {
    const missing = [...inSource].flatMap(([code, files]) =>
      inLimits.includes(code) ? [] : `${code}: ${files}`,
    );
    expect(missing).toEqual([]);
  });

  it('are explained there only if the code gives them', () => {
    expect(inLimits.filter((code) => !inSource.has(code))).toEqual([]);
  });

  it('are explained once', () => {
    expect(inLimits.filter((code, at) => inLimits.indexOf(code) !== at)).toEqual([]);
  });
});

import { filesIn, isTest, read } from './source-tree';

const rust = filesIn('native').filter((file) => file.endsWith('.rs'));
const product = rust.filter((file) => !isTest(file));
const isFloor = (file: string) => /^native\/(loader\/src\/(os|arch)\/|abi\/src\/lib\.rs$)/.test(file);

interface Line {
  readonly at: string;
  readonly text: string;
  /** The lines before it, the nearest first. */
  readonly above: readonly string[];
  readonly below: string;
}

/** Lines of code in which the keyword stands, without comments. */
function unsafeLines(file: string): readonly Line[] {
  const lines = read(file).split('\n');
  return lines.flatMap((text, index) => {
    if (!/\bunsafe\b/.test(text.replace(/\/\/.*/, ''))) return [];
    const above = lines.slice(0, index).reverse();
    return [{ at: `${file}:${index + 1}`, text, above, below: lines[index + 1] ?? '' }];
  });
}

/** rustfmt may break the statement that a comment stands above into so many lines. */
const NEAR = 4;

const isExplained = ({ above, text, below }: Line) =>
  [...above.slice(0, NEAR), text, below].some((line) => line.includes('SAFETY:'));

/** Doc comment and attributes directly above, as one text. */
function documentation({ above }: Line): string {
  const end = above.findIndex((line) => !/^\s*(\/\/\/|#\[)/.test(line));
  return above.slice(0, end).join('\n');
}

describe('unsafe Rust', () => {
  it('stands in the loader under os/ and arch/, and in the C face of the engine, nowhere else', () => {
    const elsewhere = product.filter((file) => !isFloor(file) && unsafeLines(file).length > 0);
    const code = elsewhere.filter((file) =>
      unsafeLines(file).some(({ text }) => !/^#!\[\w+\(unsafe_/.test(text)),
    );
    expect(code).toEqual([]);
  });

  it('is forbidden to the engine as a whole by the compiler', () => {
    expect(read('native/engine/src/lib.rs')).toContain('#![forbid(unsafe_code)]');
  });

  it('is forbidden to every module of the loader above the floor by the compiler', () => {
    const modules = product.filter((file) => /^native\/loader\/src\//.test(file) && !isFloor(file));
    // A module of nothing but declarations (`pub mod ...;`) has no code to forbid anything to.
    const open = modules.filter(
      (file) => /\bfn\b/.test(read(file)) && !read(file).includes('#![forbid(unsafe_code)]'),
    );
    expect(open).toEqual([]);
  });

  it('says with every block and impl why it is sound', () => {
    const blocks = product.flatMap(unsafeLines).filter(({ text }) => /\bunsafe (\{|impl\b)/.test(text));
    expect(blocks.length).toBeGreaterThan(20);
    expect(blocks.filter((line) => !isExplained(line)).map(({ at }) => at)).toEqual([]);
  });

  it('says with every public function what the caller must see to', () => {
    const functions = product.flatMap(unsafeLines).filter(({ text }) => /\bpub unsafe .*\bfn\b/.test(text));
    const silent = functions.filter((line) => !documentation(line).includes('# Safety'));
    expect(silent.map(({ at }) => at)).toEqual([]);
  });
});

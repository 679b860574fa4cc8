import { Closures } from './closures';

const closures = (needs: Readonly<Record<string, readonly string[]>>) =>
  new Closures(new Map(Object.entries(needs)));

describe('what a package is compiled after', () => {
  it('is all that its needs are compiled after, each once, sorted', () => {
    const known = closures({ app: ['z', 'left', 'right'], left: ['core'], right: ['core'], core: [], z: [] });
    expect(known.of(['app'])).toEqual(['app', 'core', 'left', 'right', 'z']);
    expect(known.of(['left', 'z'])).toEqual(['core', 'left', 'z']);
    expect(known.of([])).toEqual([]);
  });

  it('goes down a long chain, whatever the names are', () => {
    const names = Array.from({ length: 3000 }, (_, at) => `c${(at * 7919) % 3000}`);
    const chain = Object.fromEntries(names.map((name, at) => [name, names.slice(at + 1, at + 2)]));
    expect(closures(chain).of([names[0] ?? ''])).toEqual([...names].sort());
    expect(closures(chain).of([names[2998] ?? ''])).toEqual(names.slice(2998).sort());
  });

  it('has what is no package of the workspace, and ends there', () => {
    const known = closures({ app: ['../elsewhere'] });
    expect(known.of(['app'])).toEqual(['../elsewhere', 'app']);
    expect(known.of(['app', 'only-for-tests'])).toEqual(['../elsewhere', 'app', 'only-for-tests']);
  });

  it('ends in a cycle, which cargo does not allow', () => {
    const known = closures({ a: ['b'], b: ['c'], c: ['a', 'd'], d: [] });
    for (const folder of ['a', 'b', 'c']) expect(known.of([folder])).toEqual(['a', 'b', 'c', 'd']);
  });
});

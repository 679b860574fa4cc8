import { Closures, itemsOf } from './closures';

function closure(
  needs: Readonly<Record<string, readonly string[]>>,
  folders: readonly string[],
  without = '',
) {
  const closures = new Closures(new Map(Object.entries(needs)));
  return itemsOf(closures.of(folders, without), closures.folders);
}

describe('what a package is compiled after', () => {
  it('is all that its needs are compiled after, each once, sorted', () => {
    const needs = { app: ['z', 'left', 'right'], left: ['core'], right: ['core'], core: [], z: [] };
    expect(closure(needs, ['app'])).toEqual(['app', 'core', 'left', 'right', 'z']);
    expect(closure(needs, ['left', 'z'])).toEqual(['core', 'left', 'z']);
    expect(closure(needs, [])).toEqual([]);
    expect(closure(needs, ['left', 'right'], 'right')).toEqual(['core', 'left']);
  });

  it('goes down a long chain, whatever the names are', () => {
    const names = Array.from({ length: 3000 }, (_, at) => `c${(at * 7919) % 3000}`);
    const chain = Object.fromEntries(names.map((name, at) => [name, names.slice(at + 1, at + 2)]));
    expect(closure(chain, names.slice(0, 1))).toEqual([...names].sort());
    expect(closure(chain, names.slice(2950, 2951))).toEqual(names.slice(2950).sort());
  });

  it('has what is no package of the workspace, and ends there', () => {
    expect(closure({ app: ['../elsewhere'] }, ['app', 'unknown'])).toEqual(['../elsewhere', 'app']);
  });

  it('ends in a cycle, which cargo does not allow', () => {
    const needs = { a: ['b'], b: ['c'], c: ['a', 'd'], d: [] };
    for (const folder of ['a', 'b', 'c']) expect(closure(needs, [folder])).toEqual(['a', 'b', 'c', 'd']);
  });

  it('can be named by something else than folders, and by nothing', () => {
    const closures = new Closures(new Map([['app', ['lib', 'out']]]));
    expect(itemsOf(closures.of(['app'], 'app'), ['APP', 'LIB', undefined])).toEqual(['LIB']);
  });
});

import { type Graph, programsFor } from './programs';

const program = (name: string, configurations?: Record<string, object>, chosen = true) => ({
  'hotpatch-image': {
    executor: 'nx-hotpatch:image',
    options: {
      manifestPath: `${name}/Cargo.toml`,
      package: name,
      targetDir: 'target',
      profile: 'dev',
      ...(chosen ? { program: name } : {}),
    },
    ...(configurations === undefined ? {} : { configurations }),
  },
});
const node = (name: string, targets = {}) => ({
  name,
  type: 'app' as const,
  data: { root: name, targets },
});
const edge = (source: string, target: string) => ({ source, target, type: 'static' });

const graph: Graph = {
  nodes: {
    api: node('api', program('api', { release: { profile: 'release' } })),
    admin: node(
      'admin',
      program('admin', { one: { bin: 'one', program: 'one' }, two: { bin: 'two', program: 'two' } }, false),
    ),
    shared: node('shared'),
    own: node('own'),
    lonely: node('lonely'),
  },
  dependencies: {
    api: [edge('api', 'shared'), edge('api', 'own')],
    admin: [edge('admin', 'shared')],
    own: [edge('own', 'shared')],
  },
};
const task = (project: string, target: string, configuration?: string) => ({
  target: { project, target, ...(configuration === undefined ? {} : { configuration }) },
});
const names = (asked: string[], run: ReturnType<typeof task>[] = [], profile = 'dev') =>
  programsFor(asked, profile, graph, run).map(({ options }) => options.program);

describe('the programs by which crates are compiled', () => {
  it('are those that the run is about', () => {
    expect(names(['shared', 'admin'], [task('admin', 'hotpatch-image', 'two')])).toEqual(['two']);
    expect(
      names(['shared'], [task('api', 'hotpatch-image'), task('admin', 'hotpatch-image', 'one')]),
    ).toEqual(['api', 'one']);
  });

  it('are found by the graph for a library alone', () => {
    expect(names(['own'])).toEqual(['api']);
    expect(names(['shared'])).toEqual(['one']);
  });

  it('are as few as have everything, a program for itself first', () => {
    expect(names(['api', 'own', 'shared'])).toEqual(['api']);
    expect(names(['own', 'shared'], [task('admin', 'hotpatch-image', 'two')])).toEqual(['two', 'api']);
  });

  it('are built by the profile of the tasks, and what the run builds by another one is none of theirs', () => {
    const run = [task('admin', 'hotpatch-image', 'two'), task('api', 'hotpatch-image', 'release')];
    expect(names(['shared'], run, 'release')).toEqual(['api']);
    expect(names(['shared'], run.slice(0, 1), 'release')).toEqual(['one']);
    expect(names(['shared'], [task('admin', 'hotpatch-image'), task('api', 'hotpatch-image')])).toEqual([
      'api',
    ]);
    expect(programsFor(['shared'], 'release', graph, []).map(({ options }) => options.profile)).toEqual([
      'release',
    ]);
  });

  it('are missing for a crate that no program contains', () => {
    expect(() => names(['lonely'])).toThrow(/No program contains lonely/);
  });
});

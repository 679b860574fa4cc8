import { unknownConfiguration } from './before-tasks';

const target = (configurations?: Record<string, object>) => ({
  executor: 'nx-hotpatch:hotpatch',
  ...(configurations === undefined ? {} : { configurations }),
});
const graph = {
  nodes: {
    app: {
      name: 'app',
      type: 'app' as const,
      data: {
        root: 'app',
        targets: { hotpatch: target({ admin: {}, release: {} }), 'hotpatch-workspace': target() },
      },
    },
  },
};
const refusal = (configuration: string, name = 'hotpatch', project = 'app') =>
  unknownConfiguration({ project, target: name, configuration }, graph);

describe('a configuration that somebody named', () => {
  it('is refused with those that there are when the target does not have it', () => {
    expect(refusal('relaese')).toBe(
      'app:hotpatch has no configuration `relaese`; it has admin, release, and `nx run app:hotpatch` runs it without one.',
    );
    expect(refusal('release', 'hotpatch-workspace')).toBe(
      'app:hotpatch-workspace has no configuration `release`; it has none: `nx run app:hotpatch-workspace` runs it.',
    );
  });

  it('is left to Nx when the target has it, or is none', () => {
    expect(refusal('release')).toBeUndefined();
    expect(refusal('release', 'hotpatch-other')).toBeUndefined();
    expect(refusal('release', 'hotpatch', 'nobody')).toBeUndefined();
    expect(unknownConfiguration({ project: 'app', target: 'hotpatch' }, graph)).toBeUndefined();
  });
});

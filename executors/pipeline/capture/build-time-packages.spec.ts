import { buildTimePackages } from './build-time-packages';
import type { CargoArtifact } from './cargo-build';
import type { CargoPackage } from './cargo-metadata';

/** Packages by name, with those that they depend on, `build ` before those of a build script. */
function found(packages: Readonly<Record<string, readonly string[]>>, made: readonly string[]) {
  const all = Object.entries(packages).map(([name, below]) => ({
    id: name,
    manifest: `/ws/${name}/Cargo.toml`,
    localDependencies: below.map((each) => ({
      folder: `/ws/${each.replace('build ', '')}`,
      ofBuildScript: each.startsWith('build '),
    })),
  }));
  const artifacts = made.map((each) => {
    const [kind, name] = each.split(' ');
    return { package: name, kind: [kind], local: true };
  });
  const ids = buildTimePackages(
    { packages: all as unknown as readonly CargoPackage[] },
    { artifacts: artifacts as unknown as readonly CargoArtifact[] },
  );
  return [...ids].sort();
}

describe('packages of what runs at build time', () => {
  it('are those below the proc macros and build scripts of the build', () => {
    const packages = {
      app: ['macros', 'text', 'own', 'build generator'],
      macros: ['tokens'],
      tokens: ['text', 'build nobody'],
      text: [],
      own: [],
      generator: ['grammar'],
      grammar: [],
      nobody: [],
    };
    const made = ['bin app', 'custom-build app', 'proc-macro macros'];
    expect(found(packages, made)).toEqual(['generator', 'grammar', 'text', 'tokens']);
  });

  it('are none for a proc macro that the build does not have', () => {
    expect(found({ app: ['text'], macros: ['text'], text: [] }, ['bin app', 'lib text'])).toEqual([]);
  });
});

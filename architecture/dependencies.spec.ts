import { filesIn, read } from './source-tree';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Manifest;
const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

describe('dependencies of npm', () => {
  const files = filesIn('plugin', 'executors', 'native').filter((file) => /\.(ts|mjs)$/.test(file));
  const source = files.filter((file) => !file.endsWith('.spec.ts')).map(read);

  it.each(Object.keys(dependencies))('%s is used by what is shipped', (name) => {
    const quoted = new RegExp(`['"]${name.replace(/[/.]/g, '\\$&')}(/[^'"]*)?['"]`);
    expect(source.some((text) => quoted.test(text))).toBe(true);
  });

  it('are pinned exactly', () => {
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, range]) => !EXACT.test(range),
    );
    expect(loose).toEqual([]);
  });
});

describe('dependencies of Cargo', () => {
  const manifests = filesIn('native').filter((file) => file.endsWith('/Cargo.toml'));
  /** `[crate's manifest, name, requirement]` of everything under `[...dependencies]` that is not a path. */
  const entries = manifests.flatMap((manifest) => {
    const sections = read(manifest).split(/^(?=\[)/m);
    return sections
      .filter((section) => /^\[(dev-|build-)?dependencies\]/.test(section))
      .flatMap((section) => [...section.matchAll(/^([\w-]+)(?:\.version)? = (.*)$/gm)])
      .map((match) => ({ manifest, name: match[1] ?? '', requirement: match[2] ?? '' }))
      .filter(({ requirement }) => !requirement.includes('path ='));
  });

  it('are pinned exactly', () => {
    const loose = entries.filter(({ requirement }) => !/"=\d+\.\d+\.\d+"/.test(requirement));
    expect(loose).toEqual([]);
  });

  it('are used by the crate that asks for them', () => {
    const unused = entries.filter(({ manifest, name }) => {
      const folder = manifest.replace(/\/Cargo\.toml$/, '');
      const used = new RegExp(`\\b${name.replaceAll('-', '_')}(::|;|\\s*\\{)`);
      return !filesIn(folder).some((file) => file.endsWith('.rs') && used.test(read(file)));
    });
    expect(unused).toEqual([]);
  });
});

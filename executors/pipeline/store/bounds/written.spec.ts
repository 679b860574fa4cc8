import type { CrateRecord, ImageRecord } from '../../artifacts';
import { type Named, writtenElsewhere } from './written';

const target = '/ws/target';
const crate = {
  id: 'app-1a',
  depInfo: 'app-1a.d',
  outDir: `${target}/debug/deps`,
  units: `${target}/hotpatch/units/app-1a/s-x-y-z`,
  state: `${target}/hotpatch/state/app-1a/s-x-y-z`,
  env: { OUT_DIR: `${target}/debug/build/app-2b/out` },
} as unknown as CrateRecord;
const named: Named = {
  image: { path: `${target}/debug/app`, buildId: '0aff' } as ImageRecord,
  support: [`${target}/debug/deps/libmac-1.so`, `${target}/debug/build/sys-1/out/lib/libz.a`].map((path) => ({
    path,
  })),
  libraries: [{ path: `${target}/debug/deps/libserde-1.rlib` }, { path: `${target}/debug/libshared.rlib` }],
  crates: [crate],
};
const withFile = (path: string): Named => ({ ...named, support: [{ path }] });
const withImage = (image: object): Named => ({ ...named, image: { ...named.image, ...image } });
const withCrate = (more: object): Named => ({ ...named, crates: [crate, { ...crate, ...more }] });

it('is nothing where cargo puts it, with a target folder of its own too', () => {
  expect(writtenElsewhere(named, target)).toBeUndefined();
  const crossed = `${target}/x86_64-unknown-linux-gnu/release`;
  expect(
    writtenElsewhere(
      { ...withImage({ path: `${crossed}/examples/tour` }), support: [], libraries: [] },
      target,
    ),
  ).toBeUndefined();
});

it.each<[string, Named, string]>([
  ['a program outside', withImage({ path: '/home/me/bin/ls' }), '/home/me/bin/ls'],
  [
    'a program by a way out',
    withImage({ path: `${target}/debug/../../src/main.rs` }),
    `${target}/debug/../../src/main.rs`,
  ],
  [
    'a program in place of a wrapper',
    withImage({ path: `${target}/hotpatch/rustc` }),
    `${target}/hotpatch/rustc`,
  ],
  ['a build id that leads elsewhere', withImage({ buildId: '../../../home/me' }), '../../../home/me'],
  ['a wrapper', withFile(`${target}/hotpatch/bin-4/rustc.so`), `${target}/hotpatch/bin-4/rustc.so`],
  [
    'a build script',
    withFile(`${target}/debug/build/a-1/build-script-build`),
    `${target}/debug/build/a-1/build-script-build`,
  ],
  [
    'a fingerprint',
    withFile(`${target}/debug/.fingerprint/a-1/lib-a`),
    `${target}/debug/.fingerprint/a-1/lib-a`,
  ],
  ['a file of the user', withFile('/home/me/lib.a'), '/home/me/lib.a'],
  [
    'a file of the user that would be published',
    { ...named, libraries: [{ path: '/home/me/.ssh/key' }] },
    '/home/me/.ssh/key',
  ],
  ['a crate whose name leads elsewhere', withCrate({ id: '../../x' }), '../../x'],
  ['a session whose name leads elsewhere', withCrate({ units: `${target}/hotpatch/units/..` }), '..'],
  ['a dep-info that leads elsewhere', withCrate({ depInfo: '../x.d' }), '../x.d'],
  ['libraries outside', withCrate({ outDir: '/home/me' }), '/home/me'],
  ['generated sources outside', withCrate({ env: { OUT_DIR: '/home/me/out' } }), '/home/me/out'],
])('finds %s', (_what, forged, found) => {
  expect(writtenElsewhere(forged, target)).toBe(found);
});

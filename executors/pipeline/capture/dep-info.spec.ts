import { parseDepInfo } from './dep-info';

const TEXT = `/t/deps/core_lib-1.d: core_lib/src/lib.rs /t/out/g.rs core_lib/src/../t\\ t.txt

/t/deps/libcore_lib-1.rlib: core_lib/src/lib.rs /t/out/g.rs core_lib/src/../t\\ t.txt

core_lib/src/lib.rs:
/t/out/g.rs:
core_lib/src/../t\\ t.txt:

# env-dep:OUT_DIR=/t/out
# env-dep:UNSET
# env-dep:TEXT=a\\\\b\\nc=
# checksum:blake3=00 file_len:1 core_lib/src/lib.rs
`;

it('lists what a crate was made from, absolute, and the variables that it reads', () => {
  expect(parseDepInfo(TEXT, '/w')).toEqual({
    sources: ['/w/core_lib/src/lib.rs', '/t/out/g.rs', '/w/core_lib/t t.txt'],
    envDeps: ['OUT_DIR', 'UNSET', 'TEXT'],
    values: [
      ['OUT_DIR', '/t/out'],
      ['UNSET', undefined],
      ['TEXT', 'a\\b\nc='],
    ],
  });
});

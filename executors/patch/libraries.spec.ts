import { parseLdd } from './libraries';

test('the libraries of a program are those that the dynamic loader found, itself included', () => {
  const printed = [
    '\tlinux-vdso.so.1 (0x00007ffd1b9f2000)',
    '\tlibgcc_s.so.1 => /lib/x86_64-linux-gnu/libgcc_s.so.1 (0x00007f2b4c000000)',
    '\tlibmissing.so => not found',
    '\t/opt/with space/libown.so (0x00007f2b4b000000)',
    '\t/lib64/ld-linux-x86-64.so.2 (0x00007f2b4c400000)',
    '',
  ].join('\n');
  expect(parseLdd(printed)).toEqual([
    '/lib/x86_64-linux-gnu/libgcc_s.so.1',
    '/opt/with space/libown.so',
    '/lib64/ld-linux-x86-64.so.2',
  ]);
});

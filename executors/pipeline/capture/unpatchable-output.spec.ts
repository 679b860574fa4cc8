import { refuseOutput } from './unpatchable-output';

it.each([
  [['-Zcodegen-backend=cranelift'], 'backend cranelift'],
  [['-Z', 'codegen_backend=/opt/librustc_codegen_gcc.so'], 'backend /opt/librustc_codegen_gcc.so'],
  [['-Zfunction-sections=yes', '-Zfunction_sections=off'], 'no section for each function'],
])('%j makes objects that cannot be patched', (args, words) => {
  expect(refuseOutput(['--crate-name', 'app', ...args], 'app')).toMatchObject({
    code: 'unpatchable-output',
    subject: 'app',
    message: expect.stringContaining(words),
  });
});

it.each([
  [[]],
  [['-Zcodegen-backend=cranelift', '-Zcodegen-backend=llvm']],
  [['-Zfunction-sections=no', '-Zfunction-sections=yes']],
  [['-Zthreads=2', '-C', 'codegen-units=1']],
])('%j makes the usual ones', (args) => {
  expect(refuseOutput(args, 'app')).toBeUndefined();
});

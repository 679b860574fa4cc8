import { readDiagnostics } from './diagnostics';

const ERROR = {
  $message_type: 'diagnostic',
  message: 'mismatched types',
  code: { code: 'E0308' },
  level: 'error',
  spans: [
    { file_name: 'src/b.rs', line_start: 9, is_primary: false },
    { file_name: 'src/a.rs', line_start: 3, is_primary: true },
  ],
  rendered: 'error[E0308]: mismatched types\n',
};

it('reads what rustc says, with the primary place', () => {
  expect(readDiagnostics(`${JSON.stringify(ERROR)}\n`, '/w')).toEqual([
    {
      level: 'error',
      code: 'E0308',
      message: 'mismatched types',
      file: '/w/src/a.rs',
      line: 3,
      rendered: 'error[E0308]: mismatched types\n',
    },
  ]);
});

it('leaves out artifacts and summaries', () => {
  const lines = [
    { $message_type: 'artifact', artifact: 'x.rmeta', emit: 'metadata' },
    { ...ERROR, code: null, message: 'aborting due to 1 previous error', spans: [] },
    {
      ...ERROR,
      code: null,
      level: 'failure-note',
      message: 'For more information about this error',
      spans: [],
    },
    { ...ERROR, code: null, level: 'warning', message: '2 warnings emitted', spans: [] },
  ];
  expect(readDiagnostics(lines.map((line) => JSON.stringify(line)).join('\n'), '/w')).toEqual([]);
});

it('keeps the words of a compiler or a proc macro that panics', () => {
  const [only] = readDiagnostics('thread panicked at x.rs\n{ not json\n', '/w');
  expect(only).toMatchObject({ level: 'error', message: 'thread panicked at x.rs\n{ not json' });
});

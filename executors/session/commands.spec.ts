import { Commands, parseCommand } from './commands';

test.each([
  ['undo', { kind: 'undo', patch: 'newest' }],
  ['undo:12', { kind: 'undo', patch: 12 }],
  ['status', { kind: 'status' }],
  ['restart', { kind: 'restart' }],
])('%s is a command', (words, command) => {
  expect(parseCommand(words)).toEqual(command);
});

test.each(['', 'undo:', 'undo:0', 'undo:-1', 'undo:1.5', 'undo 3', 'UNDO', 'stop', 'undo:9999999999'])(
  '"%s" is none',
  (words) => {
    expect(parseCommand(words)).toBeUndefined();
  },
);

test('commands are taken in the order they came', () => {
  const commands = new Commands();
  void commands.ask({ kind: 'status' });
  void commands.ask({ kind: 'restart' });
  expect([commands.take(), commands.take(), commands.take()].map((each) => each?.command.kind)).toEqual([
    'status',
    'restart',
    undefined,
  ]);
});

test('whoever asks a session that ends is told that there is no answer', async () => {
  const commands = new Commands();
  const early = commands.ask({ kind: 'status' });
  commands.close();
  expect(await early).toBeUndefined();
  expect(await commands.ask({ kind: 'status' })).toBeUndefined();
});

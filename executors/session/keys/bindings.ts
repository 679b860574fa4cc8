import type { Command } from '../commands';

export type KeyAction = Command | { readonly kind: 'stop' } | { readonly kind: 'help' };

interface Binding {
  readonly keys: readonly string[];
  readonly action: KeyAction;
  readonly what: string;
}

const BINDINGS: readonly Binding[] = [
  { keys: ['u'], action: { kind: 'undo', patch: 'newest' }, what: 'take back the newest patch' },
  { keys: ['s'], action: { kind: 'status' }, what: 'which patches are live' },
  { keys: ['r'], action: { kind: 'restart' }, what: 'build and restart' },
  { keys: ['q'], action: { kind: 'stop' }, what: 'stop' },
  { keys: ['h', '?'], action: { kind: 'help' }, what: 'the keys' },
];

/** What a typed character asks for. */
export function actionOf(key: string): KeyAction | undefined {
  return BINDINGS.find(({ keys }) => keys.includes(key))?.action;
}

/** For the line that says that the program runs. */
export const KEYS_IN_SHORT = 'keys: u undo, s status, r restart, q stop, h help';

export function keyHelp(): readonly string[] {
  return BINDINGS.map(({ keys, what }) => `  ${keys.join(' ')}  ${what}`);
}

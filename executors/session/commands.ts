import type { RefusedChange } from '../pipeline/diff';
import type { TakenBack } from '../pipeline/undo';
import type { SessionEvent, StatusEvent } from './events';

/** What a person, an editor or a script can ask of a running session. */
export type Command =
  | { readonly kind: 'undo'; readonly patch: number | 'newest' }
  | { readonly kind: 'status' }
  | { readonly kind: 'restart' };

/** How commands are written: `undo`, `undo:3`, `status`, `restart`. Undefined for anything else. */
export function parseCommand(words: string): Command | undefined {
  if (words === 'status' || words === 'restart') return { kind: words };
  if (words === 'undo') return { kind: 'undo', patch: 'newest' };
  const number = /^undo:([1-9][0-9]{0,8})$/.exec(words)?.[1];
  return number === undefined ? undefined : { kind: 'undo', patch: Number(number) };
}

/** What can be done with the patches of the running program, apart from making one. */
export interface Patches {
  undo(patch: number | 'newest'): Promise<TakenBack | RefusedChange>;
  status(pending: boolean): Promise<StatusEvent>;
  /** The session waits for saves and commands: memory can be given back meanwhile. */
  rest(): void;
}

export interface Asked {
  readonly command: Command;
  /** The event that answers it, which has been reported too. Undefined: the session ends without one. */
  readonly answer: (event: SessionEvent | undefined) => void;
}

/** Commands that are not yet answered, in the order they came. */
export class Commands {
  #asked: Asked[] = [];
  #waiting: (() => void)[] = [];
  #closed = false;

  /** Resolves with the event that answers it; with nothing when the session ends before. */
  ask(command: Command): Promise<SessionEvent | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    return new Promise((answer) => {
      this.#asked.push({ command, answer });
      for (const resolve of this.#waiting.splice(0)) resolve();
    });
  }

  /** Resolves once a command lies here; stays resolved until it is taken. */
  arrived(): Promise<void> {
    return this.#asked.length === 0
      ? new Promise((resolve) => this.#waiting.push(resolve))
      : Promise.resolve();
  }

  /** The next one; with a kind, only if it is of that kind. */
  take(kind?: Command['kind']): Asked | undefined {
    const next = this.#asked[0];
    return kind === undefined || next?.command.kind === kind ? this.#asked.shift() : undefined;
  }

  close(): void {
    this.#closed = true;
    for (const { answer } of this.#asked.splice(0)) answer(undefined);
  }
}

import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SessionEvent } from '../events';

/**
 * Appends events as JSON lines. The file is opened with O_APPEND and every event is one write(2), so lines of several
 * sessions that share a file do not mix. Writing is synchronous: an event that was announced is in the file.
 */
export class EventsFile {
  #descriptor: number | undefined;

  /** @throws Error with one sentence when the file cannot be opened for appending. */
  constructor(path: string) {
    try {
      mkdirSync(dirname(path), { recursive: true });
      this.#descriptor = openSync(path, 'a', 0o644);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`the events file ${path} cannot be written (${why}): choose another with --events.`, {
        cause: error,
      });
    }
  }

  write(event: SessionEvent): void {
    if (this.#descriptor !== undefined) writeSync(this.#descriptor, `${JSON.stringify(event)}\n`);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

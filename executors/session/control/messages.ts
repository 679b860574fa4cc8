import type { SessionEvent } from '../events';
import type { Subject } from '../report/lines';

/** A line of JSON each: one request, one answer, and the connection ends. */
export interface ControlRequest {
  /** As `parseCommand` reads it. */
  readonly tell: string;
}

export interface ControlAnswer {
  /** The event that came of it; null when the session ended before there was one. */
  readonly event: SessionEvent | null;
  readonly subject: Subject;
}

/** Longer lines than any request are not waited for. */
export const MAX_REQUEST_BYTES = 4096;

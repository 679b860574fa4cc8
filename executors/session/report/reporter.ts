import { stripVTControlCharacters } from 'node:util';
import type { SessionEvent } from '../events';
import type { Report } from '../hot-loop';
import type { EventsFile } from './events-file';
import type { Sifted } from './known-warnings';
import { lines, type Subject } from './lines';
import { paintFor } from './paint';

export interface ReporterOptions {
  /** The program's name and crates as of the latest build. */
  readonly subject: () => Subject;
  readonly file?: EventsFile;
  /** Events as JSON lines in place of lines for people. */
  readonly json: boolean;
  readonly colour: boolean;
  /** Clear the terminal before the report of a save. */
  readonly clear: boolean;
  /** Every function of a patch, not only the first few, and details. */
  readonly verbose: boolean;
  /** Standard error: standard output is the program's alone. */
  readonly write: (text: string) => void;
}

/** ECMA-48: erase the display, what has scrolled off it too, and go to its first place. */
const CLEAR = '\u001b[2J\u001b[3J\u001b[H';

/** Tells people and tools what happened. */
export class Reporter implements Report {
  constructor(private readonly options: ReporterOptions) {}

  event(event: SessionEvent): void {
    const plain = withoutColour(event);
    this.options.file?.write(plain);
    if (this.options.json) {
      this.#line(JSON.stringify(plain));
      return;
    }
    const { colour, verbose } = this.options;
    for (const line of lines(event, this.options.subject(), paintFor(colour), verbose)) this.#line(line);
  }

  saved(): void {
    if (this.options.clear) this.options.write(CLEAR);
  }

  /** rustc's messages, as rendered. */
  diagnostics({ fresh, asBefore }: Sifted): void {
    if (this.options.json) return;
    for (const { rendered } of fresh) {
      this.options.write(this.options.colour ? rendered : stripVTControlCharacters(rendered));
    }
    if (asBefore > 0) this.progress(`· ${asBefore} ${asBefore === 1 ? 'warning' : 'warnings'} as before`);
  }

  progress(line: string): void {
    if (!this.options.json) this.#line(paintFor(this.options.colour).dim(line));
  }

  /** For those who look for a cause. */
  detail(line: string): void {
    if (this.options.verbose) this.progress(line);
  }

  #line(text: string): void {
    this.options.write(`${text}\n`);
  }
}

function withoutColour(event: SessionEvent): SessionEvent {
  if (event.event !== 'compile-error') return event;
  const diagnostics = event.diagnostics.map((diagnostic) => ({
    ...diagnostic,
    rendered: stripVTControlCharacters(diagnostic.rendered),
  }));
  return { ...event, diagnostics };
}

/** Hands text on by whole lines, for a reader that takes each piece for a line. */
export class WholeLines {
  #rest = '';

  constructor(private readonly write: (lines: string) => void) {}

  add(text: string): void {
    this.#rest += text;
    const end = this.#rest.lastIndexOf('\n') + 1;
    if (end === 0) return;
    this.write(this.#rest.slice(0, end));
    this.#rest = this.#rest.slice(end);
  }

  /** What has no end of a line is handed on too. */
  end(): void {
    if (this.#rest !== '') this.write(this.#rest);
    this.#rest = '';
  }
}

import { stripVTControlCharacters } from 'node:util';
import { WholeLines } from '../pipeline/capture/whole-lines';

/** cargo's progress bar: `    Building [===>   ] 12/52: syn, tokio`. */
const BAR = /^\s*[A-Z][a-z]+ \[[=> ]*\] (.*)$/;
/** What cargo says of itself: a verb that ends in the twelfth column (`Shell::status`). */
const STATUS = /^(?=.{12} )\s*([A-Z][a-z]+) (.+)$/;
/** ECMA-48: erase to the end of the line. */
const ERASE = '\u001b[K';
const COUNT = /^warning: `(.+?)` \(.*\) generated (\d+) warnings?/;

/** What cargo says on its error output while it builds for a task, and what can be told of it in short. */
export class CargoWords {
  /** All of it but the progress bar, whole lines. */
  #all = '';
  /** What rustc and build scripts say. */
  #diagnostics = '';
  #now = '';
  readonly #elsewhere = new Set<string>();
  readonly #own = new Set<string>();
  readonly #warnings = new Map<string, number>();
  readonly #lines = new WholeLines((lines) => {
    for (const line of lines.split('\n').slice(0, -1)) this.#read(line);
  });

  add(text: string): void {
    // The bar has no end of a line: it is written over, or erased.
    this.#lines.add(text.replaceAll('\r', '\n').replaceAll(ERASE, ''));
  }

  get all(): string {
    return this.#all;
  }

  /** What is being done, for somebody who waits; empty at the beginning. */
  get now(): string {
    return this.#now;
  }

  /** How many crates from elsewhere were not up to date. */
  get elsewhere(): number {
    return this.#elsewhere.size;
  }

  /** Names of the packages of the workspace that were not up to date. */
  get own(): ReadonlySet<string> {
    return this.#own;
  }

  /** How many warnings a package has. */
  warningsOf(pkg: string): number {
    return this.#warnings.get(pkg) ?? 0;
  }

  /** Warnings, whole, of a build that compiled something of the workspace: what cargo only repeats is left out. */
  get warnings(): readonly string[] {
    return this.#own.size === 0 ? [] : this.#diagnostics.split(/(?<=\n\n)/).filter((text) => text !== '');
  }

  /** @returns undefined when everything was up to date */
  summary(ms: number): string | undefined {
    const { elsewhere } = this;
    const own = this.#own.size;
    const what = [
      ...(elsewhere > 0 ? [`${crates(elsewhere)} from elsewhere`] : []),
      ...(own > 0 ? [`${elsewhere > 0 ? own : crates(own)} of the workspace`] : []),
    ];
    return what.length === 0 ? undefined : `${what.join(' and ')} built in ${seconds(ms)}`;
  }

  #read(line: string): void {
    const plain = stripVTControlCharacters(line);
    const bar = BAR.exec(plain)?.[1];
    if (bar !== undefined) {
      this.#now = bar.trim();
      return;
    }
    this.#all += `${line}\n`;
    const [, verb, rest = ''] = STATUS.exec(plain) ?? [];
    if (verb === undefined) {
      this.#diagnostics += `${line}\n`;
      const [, pkg = '', count] = COUNT.exec(plain) ?? [];
      if (count !== undefined) this.#warnings.set(pkg, this.warningsOf(pkg) + Number(count));
      return;
    }
    this.#now = `${verb} ${rest}`;
    if (verb !== 'Compiling') return;
    // `api v0.1.0 (/ws/api)`; packages of a registry have no place, and those of git have an address.
    const [name = ''] = rest.split(' ');
    if (/ \(\//.test(rest)) this.#own.add(name);
    else this.#elsewhere.add(rest);
  }
}

function crates(count: number): string {
  return count === 1 ? '1 crate' : `${count} crates`;
}

function seconds(ms: number): string {
  return ms < 9_950 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 1_000)} s`;
}

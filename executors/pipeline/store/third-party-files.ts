import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { linkOrCopy, writeWhole } from '../capture/atomic-file';
import { digestOf, digestOfBytes } from '../capture/crate-inputs';
import { liesIn } from './crate-entry';
import { type Part, type Parts, thirdPartyName } from './third-party-entry';

/** Writes the files of third parties into a folder of the store, each content once. */
export class KeptFiles {
  readonly names = new Set<string>();
  readonly parts: Record<string, Part> = {};

  constructor(private readonly folder: string) {}

  /** @param once whether the same content of another file is as good: else the file is found again by its name */
  keep(file: string, once = false): { readonly name: string; readonly digest: string } {
    const digest = digestOf(file) ?? '';
    const name = once ? digest : thirdPartyName(file, digest);
    const part = this.#partOfRlib(file);
    if (part) this.parts[name] = part;
    else {
      this.names.add(name);
      if (!existsSync(path.join(this.folder, name))) linkOrCopy(file, path.join(this.folder, name));
    }
    return { name, digest };
  }

  /** rustc writes the same metadata into the rlib and beside it; it is a third of all bytes. */
  #partOfRlib(file: string): Part | undefined {
    const rlib = file.replace(/\.rmeta$/, '.rlib');
    if (rlib === file || !existsSync(rlib)) return undefined;
    const metadata = readFileSync(file);
    const at = readFileSync(rlib).indexOf(metadata);
    return at < 0 ? undefined : { of: this.keep(rlib).name, at, size: metadata.length };
  }
}

/** The files again, by the names that `KeptFiles` gave. A name or a part may be a forger's. */
export class StoredFiles {
  constructor(
    readonly folder: string,
    private readonly parts: Parts,
  ) {}

  /** SHA-256; undefined when there is no such file, or a link in its place. */
  digest(name: string): string | undefined {
    if (!liesIn(this.folder, this.parts[name]?.of ?? name)) return undefined;
    const part = this.#part(name);
    if (part === null) return digestOf(this.#file(name));
    return part && digestOfBytes(part);
  }

  /** Links the file to where it belongs; what is a part of another one is written. */
  put(name: string, to: string): void {
    mkdirSync(path.dirname(to), { recursive: true });
    const part = this.#part(name);
    if (part) writeWhole(to, part);
    else linkOrCopy(this.#file(name), to);
  }

  /** Null for what is a file of its own. */
  #part(name: string): Buffer | undefined | null {
    const part = Object.hasOwn(this.parts, name) ? this.parts[name] : undefined;
    if (part === undefined) return null;
    const whole = this.#file(part.of);
    return existsSync(whole) ? readFileSync(whole).subarray(part.at, part.at + part.size) : undefined;
  }

  #file(name: string): string {
    return path.join(this.folder, path.basename(name));
  }
}

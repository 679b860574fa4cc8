import { StoredJson } from '../stored-json';
import type { CargoAnswer } from './metadata';

/** Rises when the meaning of an entry changes. */
const FORMAT = 6;

/** What is known of one thing: its value, and the digest of everything that this depends on. */
interface Entry<T> {
  readonly key: string;
  readonly value: T;
}

/** A Cargo workspace by its folders, as the manifests themselves tell. */
export interface WorkspaceLayout {
  readonly folder: string;
  /** Folders of the members, sorted; its own among them unless its manifest is virtual. */
  readonly members: readonly string[];
  /** As `programProfiles` gives them. */
  readonly profiles: readonly string[];
}

/** The newest first. */
interface Stored {
  readonly layouts: readonly Entry<readonly WorkspaceLayout[]>[];
  readonly answers: readonly (readonly [folder: string, of: readonly Entry<CargoAnswer>[]])[];
}

/**
 * How many values are kept of each thing. `include` and `exclude` beside the plugin in nx.json leave files out when Nx asks
 * for projects, and not when it asks for dependencies; with one value each would push out the other's, and cargo would
 * run on every graph.
 */
const KEPT = 2;

/** What manifests and cargo said, from process to process. */
export class MetadataCache {
  readonly #file: StoredJson<Stored>;
  #layouts: Stored['layouts'];
  /** By folder of the Cargo workspace. */
  readonly #answers: Map<string, readonly Entry<CargoAnswer>[]>;
  #changed = false;

  constructor(nxRoot: string) {
    this.#file = new StoredJson(nxRoot, 'cargo-metadata', FORMAT);
    const { layouts, answers } = this.#file.read() ?? { layouts: [], answers: [] };
    this.#layouts = layouts;
    this.#answers = new Map(answers);
  }

  layout(key: string): readonly WorkspaceLayout[] | undefined {
    return this.#layouts.find((entry) => entry.key === key)?.value;
  }

  setLayout(key: string, value: readonly WorkspaceLayout[]): void {
    this.#layouts = [{ key, value }, ...this.#layouts].slice(0, KEPT);
    this.#changed = true;
  }

  answer(folder: string, key: string): CargoAnswer | undefined {
    return this.#answers.get(folder)?.find((entry) => entry.key === key)?.value;
  }

  setAnswer(folder: string, key: string, value: CargoAnswer): void {
    this.#answers.set(folder, [{ key, value }, ...(this.#answers.get(folder) ?? [])].slice(0, KEPT));
    this.#changed = true;
  }

  /** Writes what is new. */
  save(): void {
    if (this.#changed) this.#file.write({ layouts: this.#layouts, answers: [...this.#answers] });
    this.#changed = false;
  }
}

import { StoredJson } from '../stored-json';
import type { CargoAnswer } from './metadata';

/** Rises when the meaning of an entry changes. */
const FORMAT = 5;

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

interface Stored {
  readonly layouts: readonly Entry<readonly WorkspaceLayout[]>[];
  /** By folder of the Cargo workspace, the newest first. */
  readonly answers: Readonly<Record<string, readonly Entry<CargoAnswer>[]>>;
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
  #known: Stored;
  #changed = false;

  constructor(nxRoot: string) {
    this.#file = new StoredJson(nxRoot, 'cargo-metadata', FORMAT);
    this.#known = this.#file.read() ?? { layouts: [], answers: {} };
  }

  layout(key: string): readonly WorkspaceLayout[] | undefined {
    return this.#known.layouts.find((entry) => entry.key === key)?.value;
  }

  setLayout(key: string, value: readonly WorkspaceLayout[]): void {
    this.#known = { ...this.#known, layouts: [{ key, value }, ...this.#known.layouts].slice(0, KEPT) };
    this.#changed = true;
  }

  answer(folder: string, key: string): CargoAnswer | undefined {
    return this.#known.answers[folder]?.find((entry) => entry.key === key)?.value;
  }

  setAnswer(folder: string, key: string, value: CargoAnswer): void {
    const { answers } = this.#known;
    const kept = [{ key, value }, ...(answers[folder] ?? [])].slice(0, KEPT);
    this.#known = { ...this.#known, answers: { ...answers, [folder]: kept } };
    this.#changed = true;
  }

  /** Writes what is new. */
  save(): void {
    if (this.#changed) this.#file.write(this.#known);
    this.#changed = false;
  }
}

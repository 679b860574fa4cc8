import path from 'node:path';
import type { CrateRecord } from '../artifacts';
import { codegenOption, setCodegenOption } from '../capture/codegen-options';
import { crateIdOfOutput } from '../capture/crate-arguments';
import { takeLibrariesFrom } from '../capture/place';

/** Where a replay writes and reads, apart from where cargo's own compile did. */
export interface ReplayPlaces {
  /** Takes the place of cargo's `deps` folder for the crates of the image. */
  readonly outDir: string;
  readonly incremental: string;
  /** Folder of linkers that do nothing, by the names of real ones. */
  readonly linkers: string;
  /** Ids of the crates whose output is in `outDir`. */
  readonly inOutDir: ReadonlySet<string>;
}

/**
 * The recorded command line with other places. Everything that it changes is marked `[UNTRACKED]` in rustc's options
 * (`rustc_session/src/options.rs`), or is no option of the session at all; anything else (`--emit` too) would make rustc
 * throw the incremental state away. `--out-dir` stays as recorded: see `out-dir.ts`.
 */
export function replayArguments(record: CrateRecord, places: ReplayPlaces): readonly string[] {
  const args = setCodegenOption(record.args, 'incremental', places.incremental);
  const linked = setCodegenOption(args, 'linker', path.join(places.linkers, linkerNameOf(record)));
  return takeLibrariesFrom(linked, places.outDir, (file) => places.inOutDir.has(crateIdOfOutput(file)));
}

/** rustc infers from it how to talk to the linker, and makes the same of it as in the capture. */
export function linkerNameOf({ args }: CrateRecord): string {
  return path.basename(codegenOption(args, 'linker')?.value ?? 'cc');
}

import path from 'node:path';
import type { CrateRecord } from '../artifacts';
import { codegenOption, setCodegenOption } from '../capture/codegen-options';
import { crateIdOfOutput } from '../capture/crate-arguments';

/** Where a replay writes and reads, apart from where cargo's own compile did. */
export interface ReplayPlaces {
  /** Takes the place of cargo's `deps` folder for what is compiled in this session. */
  readonly outDir: string;
  readonly incremental: string;
  /** Folder of linkers that do nothing, by the names of real ones. */
  readonly linkers: string;
  /** Ids of crates whose output in `outDir` is newer than cargo's. */
  readonly replayed: ReadonlySet<string>;
}

/**
 * The recorded command line with other places. Everything that it changes is marked `[UNTRACKED]` in rustc's options
 * (`rustc_session/src/options.rs`), or is no option of the session at all; anything else (`--emit` too) would make rustc
 * throw the incremental state away.
 */
export function replayArguments(record: CrateRecord, places: ReplayPlaces): readonly string[] {
  const stem = path.basename(codegenOption(record.args, 'linker')?.value ?? 'cc');
  let args = setCodegenOption(record.args, 'incremental', places.incremental);
  args = setCodegenOption(args, 'linker', path.join(places.linkers, stem));
  args = args.map((arg, index) => {
    const before = args[index - 1];
    if (before === '--out-dir') return places.outDir;
    if (before === '--extern') return redirectExtern(arg, places);
    return arg;
  });
  // rustc takes, of several files for one crate, the one with the hash that its dependents ask for.
  return places.replayed.size === 0 ? args : ['-L', `dependency=${places.outDir}`, ...args];
}

function redirectExtern(arg: string, { outDir, replayed }: ReplayPlaces): string {
  const equals = arg.indexOf('=');
  if (equals < 0) return arg;
  const file = arg.slice(equals + 1);
  if (!replayed.has(crateIdOfOutput(file))) return arg;
  return `${arg.slice(0, equals)}=${path.join(outDir, path.basename(file))}`;
}

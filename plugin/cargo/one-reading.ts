import { sameItems } from '../same-items';
import { type CargoReading, readCargoWorkspaces } from './read';

/** What was read for the projects of the graph that Nx is making. */
let last:
  | { readonly nxRoot: string; readonly files: readonly string[]; readonly reading: CargoReading }
  | undefined;

/** Reads as `readCargoWorkspaces` does, and keeps it for `readForDependencies`. */
export async function readForProjects(
  nxRoot: string,
  files: readonly string[],
  programsOf?: (folder: string) => readonly string[],
): Promise<CargoReading> {
  const reading = await readCargoWorkspaces(nxRoot, files, programsOf);
  last = { nxRoot, files: [...files].sort(), reading };
  return reading;
}

/**
 * Nx asks for projects and right after it for dependencies, of each graph: both shall speak of one state of the manifests,
 * and what was read need not be read again. It is used once, so that no later graph gets what an earlier one was made of.
 * Where nx.json leaves files out, Nx does so for projects alone, and dependencies are a reading of their own.
 */
export async function readForDependencies(nxRoot: string, files: readonly string[]): Promise<CargoReading> {
  const known = last;
  last = undefined;
  const isSame = known?.nxRoot === nxRoot && sameItems(known.files, [...files].sort());
  return isSame ? known.reading : readCargoWorkspaces(nxRoot, files);
}

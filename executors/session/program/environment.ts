import { dirname } from 'node:path';
import type { BuildRecord } from '../../pipeline/artifacts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What `cargo run` would start the program with: the session's environment, the `CARGO_*` variables of the package,
 * and a library path to the shared libraries that the build made
 * (https://doc.rust-lang.org/cargo/reference/environment-variables.html#dynamic-library-paths).
 */
export function programEnvironment(
  record: BuildRecord,
  own: Environment,
  base: Environment = process.env,
): Record<string, string | undefined> {
  const crate = record.crates.find(({ id }) => id === record.image.crate);
  const cargo = Object.entries(crate?.env ?? {}).filter(([name]) =>
    /^CARGO(?:_MANIFEST_|_PKG_|$)/.test(name),
  );
  const env: Record<string, string | undefined> = { ...base, ...Object.fromEntries(cargo), ...own };

  const folders = [...nativeFolders(crate?.args ?? [], record.targetDir)];
  if (crate !== undefined) folders.push(crate.outDir);
  folders.push(dirname(record.image.path));
  const libraryPath = [...folders, env.LD_LIBRARY_PATH].filter((each) => each !== undefined && each !== '');
  return { ...env, LD_LIBRARY_PATH: [...new Set(libraryPath)].join(':') };
}

/** `-L native=...` of build scripts; like cargo, only those that lie in the target folder. */
function* nativeFolders(args: readonly string[], targetDir: string): Generator<string> {
  for (const [at, arg] of args.entries()) {
    if (arg !== '-L') continue;
    const path = /^(?:native|dependency|all)=(.*)$/.exec(args[at + 1] ?? '')?.[1];
    if (path?.startsWith(`${targetDir}/`) && !args[at + 1]?.startsWith('dependency=')) yield path;
  }
}

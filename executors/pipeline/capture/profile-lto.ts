import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'smol-toml';
import type { CaptureRequest, Reason } from '../artifacts';
import { ltoReason } from './amend-arguments';
import { profileOf } from './cargo-build';
import { asksForLto, type Table, tableAt } from './manifest-profiles';

export interface ProfileOrder {
  readonly request: Pick<CaptureRequest, 'profile' | 'release' | 'cargoArgs'>;
  readonly env: NodeJS.ProcessEnv;
  /** Folder of the Cargo workspace's manifest. */
  readonly root: string;
  /** cargo's configuration files. */
  readonly config: readonly string[];
  /** What a person would call what is built. */
  readonly name: string;
}

/**
 * Whether the manifest alone tells that the profile asks for link-time optimisation. rustc's own command line tells it in
 * any case, but that of the program comes last: after minutes, when there are many crates from elsewhere.
 *
 * Undefined also where the environment, a configuration file or `--config` says something about profiles: which of them
 * counts is for cargo to say.
 */
export function refuseLtoOfManifest({ request, env, root, config, name }: ProfileOrder): Reason | undefined {
  const isSaidElsewhere =
    Object.keys(env).some((variable) => /^CARGO_PROFILE_\w+_(LTO|INHERITS)$/.test(variable)) ||
    (request.cargoArgs ?? []).some((argument) => argument.startsWith('--config')) ||
    config.some((file) => tableAt(readToml(file), 'profile') !== undefined);
  if (isSaidElsewhere) return undefined;
  const profiles = tableAt(readToml(path.join(root, 'Cargo.toml')), 'profile');
  return profiles && asksForLto(profiles, profileOf(request)) ? ltoReason(name) : undefined;
}

/** cargo itself reports a file that it cannot read, with line and column. */
function readToml(file: string): Table {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

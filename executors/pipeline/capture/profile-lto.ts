import path from 'node:path';
import type { CaptureRequest, Reason } from '../artifacts';
import { ltoReason } from './amend-arguments';
import { profileOf } from './cargo-build';
import { type CargoConfig, readToml, type Table, tableAt } from './cargo-config';

export interface ProfileOrder {
  readonly request: Pick<CaptureRequest, 'profile' | 'release' | 'cargoArgs'>;
  readonly env: NodeJS.ProcessEnv;
  /** Folder of the Cargo workspace's manifest. */
  readonly root: string;
  readonly config: Pick<CargoConfig, 'hasProfiles'>;
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
    config.hasProfiles;
  if (isSaidElsewhere) return undefined;
  const profiles = tableAt(readToml(path.join(root, 'Cargo.toml')), 'profile');
  return profiles && asksForLto(profiles, profileOf(request)) ? ltoReason(name) : undefined;
}

/** As cargo spells it (src/cargo/core/profiles.rs). `false` is thin LTO among a crate's own units. */
const OFF: ReadonlySet<unknown> = new Set([false, 'off', 'n', 'no', 'none']);

/** A profile has what it does not say itself from the one that it names. */
function asksForLto(profiles: Table, name: string, seen: readonly string[] = []): boolean {
  const profile = tableAt(profiles, name);
  if (profile?.lto !== undefined) return !OFF.has(profile.lto);
  const parent = profile?.inherits;
  // A circle is cargo's to refuse.
  return (
    typeof parent === 'string' && !seen.includes(parent) && asksForLto(profiles, parent, [...seen, name])
  );
}

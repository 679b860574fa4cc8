import type { TargetConfiguration } from '@nx/devkit';
import type { CargoWorkspace } from '../cargo/package';
import { programChoices } from '../programs';

/** The profile of targets without a configuration. */
export const DEFAULT_PROFILE = 'dev';

/**
 * A configuration for each profile besides the default one. It is called as the profile in all packages of the workspace,
 * since Nx hands a configuration on to dependencies by its name; where a program is called so too, `profile-` goes first.
 */
export function profileConfigurations({
  packages,
  profiles,
}: Pick<CargoWorkspace, 'packages' | 'profiles'>): Readonly<Record<string, { readonly profile: string }>> {
  const programs = new Set(packages.flatMap((pkg) => Object.keys(programChoices(pkg)?.configurations ?? {})));
  return Object.fromEntries(
    profiles.map((profile) => [programs.has(profile) ? `profile-${profile}` : profile, { profile }]),
  );
}

/** The configurations of a target; nothing when there are none. */
export function configured(
  configurations: Readonly<Record<string, object>>,
): Pick<TargetConfiguration, 'configurations'> {
  return Object.keys(configurations).length === 0 ? {} : { configurations: { ...configurations } };
}

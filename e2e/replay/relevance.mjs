/** Which files of a commit concern the programs of a build. Paths are relative to the checkout. */
import { join } from 'node:path';

const BUILD_FILES = /(^|\/)(Cargo\.(toml|lock)|rust-toolchain(\.toml)?)$|(^|\/)\.cargo\//;

/** Whether a commit can change code at all; what else it holds is not worth a build. */
export function mayMatter(changed, checkout, base) {
  const programs = base?.programs ?? [];
  const sources = new Set(programs.flatMap(({ record }) => record.crates.flatMap((crate) => crate.sources)));
  return changed.some(
    (path) => path.endsWith('.rs') || BUILD_FILES.test(path) || sources.has(join(checkout, path)),
  );
}

/** Manifests and the like: a session refuses them, as only cargo knows what they mean. */
export function onlyCargoFollows(changed, checkout, base) {
  const manifests = new Set(base.programs.flatMap(({ record }) => record.manifests));
  return changed.filter(
    (path) =>
      manifests.has(join(checkout, path)) || /^(rust-toolchain(\.toml)?|\.cargo\/.*|build\.rs)$/.test(path),
  );
}

export function absolute(checkout, paths) {
  return paths.map((path) => join(checkout, path));
}

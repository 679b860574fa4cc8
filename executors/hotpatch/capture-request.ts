import { dirname } from 'node:path';
import type { CaptureRequest } from '../pipeline/artifacts';
import type { HotpatchOptions } from './options';

/** What of the options concerns the build. cargo runs in the package's folder, as its user would run it. */
export function captureRequest(options: HotpatchOptions): CaptureRequest {
  const { manifestPath, program, features, allFeatures, noDefaultFeatures, profile, cargoArgs } = options;
  return {
    cwd: dirname(manifestPath),
    manifestPath,
    ...(options.package === undefined ? {} : { package: options.package }),
    ...(program.kind === 'bin' ? { bin: program.name } : {}),
    ...(program.kind === 'example' ? { example: program.name } : {}),
    features,
    allFeatures,
    noDefaultFeatures,
    profile,
    cargoArgs,
    // By the environment it reaches `cargo metadata` too, which has no such argument.
    ...(options.targetDir === undefined ? {} : { env: { CARGO_TARGET_DIR: options.targetDir } }),
  };
}

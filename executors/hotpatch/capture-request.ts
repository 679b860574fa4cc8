import { dirname } from 'node:path';
import type { CaptureRequest } from '../pipeline/artifacts';
import type { HotpatchOptions } from './options';

/** What of the options concerns the build. cargo runs in the package's folder, as its user would run it. */
export function captureRequest(
  options: HotpatchOptions,
  colour: boolean,
  workspaceRoot: string,
): CaptureRequest {
  const { manifestPath, program, features, allFeatures, noDefaultFeatures, profile, cargoArgs } = options;
  return {
    cwd: dirname(manifestPath),
    workspaceRoot,
    manifestPath,
    ...(options.package === undefined ? {} : { package: options.package }),
    ...(program.kind === 'bin' ? { bin: program.name } : {}),
    ...(program.kind === 'example' ? { example: program.name } : {}),
    ...(program.kind === 'lib' ? { lib: true } : {}),
    features,
    allFeatures,
    noDefaultFeatures,
    profile,
    cargoArgs,
    env: {
      // By the environment it reaches `cargo metadata` too, which has no such argument.
      ...(options.targetDir === undefined ? {} : { CARGO_TARGET_DIR: options.targetDir }),
      // cargo sees the pipe to Nx, and would take it for no terminal.
      ...(colour && process.env.CARGO_TERM_COLOR === undefined ? { CARGO_TERM_COLOR: 'always' } : {}),
    },
  };
}

import path from 'node:path';
import type { CaptureRequest } from '../pipeline/artifacts';
import type { ProgramTaskOptions } from './options';

/**
 * The capture by which a task builds a program: the one with which `hotpatch` runs it, so that each finds the other's work
 * done.
 *
 * @param root absolute path of the Nx workspace
 */
export function taskRequest(options: ProgramTaskOptions, root: string): CaptureRequest {
  const manifestPath = path.resolve(root, options.manifestPath);
  return {
    cwd: path.dirname(manifestPath),
    manifestPath,
    workspaceRoot: root,
    package: options.package,
    ...(options.bin === undefined ? {} : { bin: options.bin }),
    ...(options.example === undefined ? {} : { example: options.example }),
    features: options.features ?? [],
    allFeatures: options.allFeatures ?? false,
    noDefaultFeatures: options.noDefaultFeatures ?? false,
    profile: options.profile,
    cargoArgs: [],
    env: {},
  };
}

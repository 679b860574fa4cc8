import type { ExecutorContext } from '@nx/devkit';
import { runAlone } from '../tasks/alone';
import { type CodegenOptions, codegen } from './batch';
import type { ThirdPartyOptions } from './third-party';

/** `nx run core-lib:hotpatch-codegen`: compiles the crates of a package, or what a program needs from elsewhere. */
export default (options: CodegenOptions | ThirdPartyOptions, context: ExecutorContext) =>
  runAlone(codegen, options, context);

import type { ExecutorContext } from '@nx/devkit';
import { runAlone } from '../tasks/alone';
import { type CodegenOptions, codegen } from './batch';

/** `nx run core-lib:hotpatch-codegen`: compiles the crates of a package. */
export default (options: CodegenOptions, context: ExecutorContext) => runAlone(codegen, options, context);

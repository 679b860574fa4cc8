import type { ExecutorContext } from '@nx/devkit';
import { runAlone } from '../tasks/alone';
import { unit } from './batch';
import type { UnitOptions } from './slot';

/** `nx run app:hotpatch-unit--00`: indexes the units of a slot. */
export default (options: UnitOptions, context: ExecutorContext) => runAlone(unit, options, context);

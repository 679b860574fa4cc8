import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../../native/addon/prebuilt';

/** This package's version: a loader must have the same. */
export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return manifest.version;
}

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** From the sources and from what is built of them, the package's folder is another number of folders up. */
const MANIFESTS = ['../../package.json', '../../../package.json'];

let known: string | undefined;

/** This package's version. What another one made may be another: it is a miss. */
export function ownVersion(): string {
  known ??= read();
  return known;
}

function read(): string {
  const file = MANIFESTS.map((name) => path.join(__dirname, name)).find((name) => existsSync(name)) ?? '';
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}

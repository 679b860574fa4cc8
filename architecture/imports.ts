import { existsSync } from 'node:fs';
import path from 'node:path';
import { read } from './source-tree';

/** One import of a file by another; both relative to the repository. */
export interface Import {
  readonly from: string;
  readonly to: string;
  /** Gone once compiled. */
  readonly typeOnly: boolean;
}

/** What a TypeScript file imports of this project: `import`, `export ... from`, `import()`. */
export function importsOf(file: string): readonly Import[] {
  const statements =
    /^(?:import|export)\s+(type\s)?[^'"`;]*?from\s+'(\.[^']*)'|\b(?:import|require)\('(\.[^']*)'\)/gm;
  return [...read(file).matchAll(statements)].map(([, type, named, dynamic]) => ({
    from: file,
    to: resolve(file, named ?? dynamic ?? ''),
    typeOnly: type !== undefined,
  }));
}

function resolve(from: string, target: string): string {
  const plain = path.posix.join(path.posix.dirname(from), target);
  const tried = [plain, `${plain}.ts`, `${plain}/index.ts`];
  return tried.find((file) => /\.\w+$/.test(file) && existsSync(path.join(__dirname, '..', file))) ?? plain;
}

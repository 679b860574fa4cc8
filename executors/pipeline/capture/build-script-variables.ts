import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { CargoBuild } from './cargo-build';

/** Variables that build scripts named by `cargo:rerun-if-env-changed=`, each once, sorted. */
export function variablesOfBuildScripts({ buildScriptRuns }: CargoBuild): readonly string[] {
  const named = buildScriptRuns.flatMap(({ folder }) => {
    const output = path.join(folder, 'output');
    if (!existsSync(output)) return [];
    const lines = readFileSync(output, 'utf8').matchAll(/^cargo::?rerun-if-env-changed=(.+)$/gm);
    return [...lines].map((match) => match[1] ?? '');
  });
  return [...new Set(named)].sort();
}

/**
 * Writes what openapi.json says as Rust and as TypeScript. `--watch` does it again whenever the contract is saved.
 */
import { existsSync, mkdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toRust } from './rust.mjs';
import { toTypeScript } from './typescript.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const contract = here('openapi.json');
const outputs = {
  [here('../libs/contract/src/generated.rs')]: toRust,
  [here('../apps/web/src/generated/contract.ts')]: toTypeScript,
};

function generate() {
  const { info, components } = JSON.parse(readFileSync(contract, 'utf8'));
  for (const [file, write] of Object.entries(outputs)) {
    const text = write(info, components.schemas);
    // A file that is written looks changed to whoever builds by its time.
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  console.log(`contract ${info.version} generated`);
}

generate();
if (process.argv.includes('--watch')) {
  let saved;
  // The folder, not the file: many editors save by a rename. And a moment later: many write in two steps.
  watch(dirname(contract), (_, name) => {
    if (name !== basename(contract)) return;
    clearTimeout(saved);
    saved = setTimeout(() => {
      try {
        generate();
      } catch (error) {
        console.error(`contracts/openapi.json cannot be read: ${error.message}`);
      }
    }, 50);
  });
}

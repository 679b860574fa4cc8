/** A suite of named steps, each of which builds on the ones before it. */
import { rm } from 'node:fs/promises';

/**
 * Runs the steps, tells of each, and ends the process with the outcome; the last line is `N passed, N failed`.
 *
 * @param {Record<string, () => Promise<void>>} steps
 * @param {{ scratch: string, keep: boolean }} place the folder to be removed afterwards
 */
export async function play(steps, { scratch, keep }) {
  let [passed, failed] = [0, 0];
  for (const [name, step] of Object.entries(steps)) {
    const began = performance.now();
    try {
      await step();
      passed += 1;
      console.log(`✓ ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed += 1;
      console.log(`✗ ${name}\n${error.message}`);
    }
  }
  if (keep) console.log(`kept: ${scratch}`);
  else await rm(scratch, { recursive: true, force: true });
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

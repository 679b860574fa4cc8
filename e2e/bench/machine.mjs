/** The machine by its hardware: results say nothing without it. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';

export async function machine() {
  return {
    cpu: cpus()[0].model,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    rustc: execFileSync('rustc', ['--version'], { encoding: 'utf8' }).trim(),
    node: process.version,
    /** Above the number of cores, something else was running, and the figures are too high. */
    loadBefore: Number(loadavg()[0].toFixed(2)),
  };
}

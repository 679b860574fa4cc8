/** Processes that have to do with a folder: those that run a program of it, or work in it. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** @returns {{ pid: number, exe: string }[]} without zombies, whose parent has not looked yet */
export function processesIn(folder) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        if (/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${name}/stat`, 'utf8'))) return [];
        const exe = readlinkSync(`/proc/${name}/exe`);
        const isOurs = [exe, readlinkSync(`/proc/${name}/cwd`)].some((path) => path.startsWith(`${folder}/`));
        return isOurs ? [{ pid: Number(name), exe: exe.replace(/ \(deleted\)$/, '') }] : [];
      } catch {
        return []; // It ended while we looked.
      }
    });
}

/**
 * Resolves with what is true of the processes once it is so. It asks again and again: the kernel tells the end of a
 * process to its parent and to holders of a pidfd, and here it is neither the one nor, in Node, the other.
 */
export async function eventually(what, check, patience) {
  const end = performance.now() + patience;
  for (;;) {
    const value = check();
    if (value) return value;
    if (performance.now() > end) throw new Error(`${what} did not come true within ${patience / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

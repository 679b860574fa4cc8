/** Processor time from /proc (proc(5)): it says what was done, whatever else the machine does meanwhile. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const msPerTick = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const pageMiB = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' })) / 2 ** 20;

/** Processor milliseconds that `pid`, its children and its dead and awaited children have taken so far. */
export function cpuOf(pid) {
  const all = stat(pid);
  if (all === null) throw new Error(`Process ${pid} has ended.`);
  return childrenOf(pid).reduce((sum, child) => sum + child.cpu, all.cpu);
}

/** The living children of `pid`: their ids, words, processor time and resident memory. */
export function childrenOf(pid) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => stat(Number(name)))
    .filter((process) => process !== null && process.parent === pid);
}

function stat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command stands in parentheses and may hold any byte; field 3 comes after it.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [parent, user, system, childUser, childSystem, pages] = [1, 11, 12, 13, 14, 21].map(
      (at) => fields[at],
    );
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return {
      pid,
      words,
      parent,
      cpu: (user + system + childUser + childSystem) * msPerTick,
      memoryMiB: pages * pageMiB,
    };
  } catch {
    return null;
  }
}

/** Calls `onLine` for every complete line that is appended to a file, which need not exist yet. */
import { watch } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

export function tail(path, onLine) {
  let position = 0;
  let rest = '';
  let reading = Promise.resolve();
  const read = () => {
    reading = reading.then(async () => {
      let file;
      try {
        file = await open(path);
      } catch (error) {
        if (error.code === 'ENOENT') return;
        throw error;
      }
      try {
        const { size } = await file.stat();
        const chunk = Buffer.alloc(Math.max(0, size - position));
        const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
        position += bytesRead;
        const lines = (rest + chunk.toString('utf8', 0, bytesRead)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) onLine(line);
      } finally {
        await file.close();
      }
    });
    return reading;
  };
  const watcher = watch(dirname(path), (_, name) => {
    if (name === basename(path)) read();
  });
  read();
  return {
    /** Reads what is there now, then stops watching. */
    async end() {
      watcher.close();
      await read();
    },
  };
}

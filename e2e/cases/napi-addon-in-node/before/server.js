// Answers one line for every line it reads, by what Rust says: on this thread, or behind "worker" on another.
const { createInterface } = require('node:readline');
const { Worker, isMainThread, parentPort } = require('node:worker_threads');
const { answer } = require('./addon/addon.node');

function reply(line) {
  if (line === 'pid') return process.pid;
  try {
    return answer(line);
  } catch (error) {
    return `caught ${error.message}`;
  }
}

if (isMainThread) {
  const worker = new Worker(__filename);
  worker.on('message', (said) => console.log(`= ${said}`));
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      if (line.startsWith('worker ')) worker.postMessage(line.slice('worker '.length));
      else console.log(`= ${reply(line)}`);
    })
    .on('close', () => process.exit());
} else {
  parentPort.on('message', (line) => parentPort.postMessage(reply(line)));
}

/**
 * Stands for a program with its loader: says Hello with the build id in its first argument, then does what the second
 * says. `stubborn` ignores SIGTERM; `silent` says no Hello; `exit=N` ends at the Welcome; `fork` starts a stubborn child
 * that outlives it; `run` waits to be ended.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';

const [, script, buildId, mode] = process.argv;
const path = process.env.NX_HOTPATCH_SOCKET;

const hello = {
  protocol: 2,
  loader: '0.1.0',
  token: readFileSync(join(dirname(path), 'token'), 'utf8'),
  pid: process.pid,
  ppid: process.ppid,
  buildId,
  image: script,
  loadBias: '0x0',
  window: { offset: -536870912, size: 268435456 },
  tls: { tpOffset: -16384, size: 16384 },
  libraries: [],
  patches: [],
  held: false,
};

if (mode === 'stubborn') process.on('SIGTERM', () => {});
if (mode === 'silent') setInterval(() => {}, 1000);
else {
  const socket = connect(path, () => {
    const payload = Buffer.from(JSON.stringify(hello));
    const head = Buffer.alloc(5);
    head.writeUInt32LE(payload.length + 1, 0);
    head.writeUInt8(1, 4);
    const welcomed = () => socket.write(Buffer.concat([head, payload]));
    if (mode !== 'fork') return welcomed();
    const child = spawn(process.execPath, [script, buildId, 'stubborn'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    // The parent reports after its child, so that whoever knows the parent knows both.
    socket.once('ready', welcomed);
    child.unref();
  });
  socket.once('data', () => {
    if (mode?.startsWith('exit=')) process.exit(Number(mode.slice(5)));
  });
  // The session has ended, and with it what this is a test of.
  socket.on('close', () => process.exit(0));
  socket.on('error', () => process.exit(0));
}

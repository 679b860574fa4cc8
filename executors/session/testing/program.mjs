/**
 * Stands for a program with its loader: says Hello with the build id in its first argument, then does what the second
 * says. `stubborn` ignores SIGTERM; `silent` says no Hello; `exit=N` ends at the Welcome; `fork` starts a stubborn child
 * that outlives it; `foreign` speaks another protocol and runs on; `crash` takes one patch, at once or held before Go,
 * and then dies by SIGSEGV with a last word; `run` waits to be ended.
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
  held: process.env.NX_HOTPATCH_HOLD === '1',
};

if (mode === 'stubborn') process.on('SIGTERM', () => {});
if (mode === 'silent' || mode === 'foreign') setInterval(() => {}, 1000);
if (mode !== 'silent') {
  const socket = connect(path, () => {
    const said = mode === 'foreign' ? { protocol: 3, loader: '9.0.0', pid: process.pid } : hello;
    const welcomed = () => send(socket, 1, Buffer.from(JSON.stringify(said)));
    if (mode !== 'fork') return welcomed();
    const child = spawn(process.execPath, [script, buildId, 'stubborn'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    // The parent reports after its child, so that whoever knows the parent knows both.
    socket.once('ready', welcomed);
    child.unref();
  });
  if (mode === 'crash') socket.on('data', (chunk) => crash(socket, chunk));
  socket.once('data', () => {
    if (mode?.startsWith('exit=')) process.exit(Number(mode.slice(5)));
  });
  // The session has ended, and with it what this is a test of.
  if (mode !== 'foreign') socket.on('close', () => process.exit(0));
  socket.on('error', () => process.exit(0));
}

/** Frames of a test are so small that each comes in one piece, though several can come at once. */
function crash(socket, chunk) {
  for (let at = 0; at < chunk.length; at += 4 + chunk.readUInt32LE(at)) {
    const type = chunk[at + 4];
    if (type === 3) {
      const applied = { patch: 1, functions: [], ms: { load: 0, apply: 0 }, pauseUs: 0, bytes: 1, busy: [] };
      send(socket, 4, Buffer.from(JSON.stringify(applied)));
    }
    if (type === 8 || (type === 3 && !hello.held)) {
      const frame = readFileSync(join(dirname(script), '../../../native/protocol/vectors/crashed.bin'));
      socket.write(frame, () => process.kill(process.pid, 'SIGSEGV'));
    }
  }
}

function send(socket, type, payload) {
  const head = Buffer.alloc(5);
  head.writeUInt32LE(payload.length + 1, 0);
  head.writeUInt8(type, 4);
  socket.write(Buffer.concat([head, payload]));
}

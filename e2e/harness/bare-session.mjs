/**
 * A session that speaks the loader's protocol (native/protocol/README.md) and nothing more, so that a case can say
 * what a real session never says: another version, a spoilt patch, a patch for another program.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Mailbox } from './mailbox.mjs';
import { patience, withPatience } from './task.mjs';

const types = { hello: 1, welcome: 2, apply: 3, applied: 4, refused: 5, undo: 6, undone: 7 };

export class BareSession {
  answers = new Mailbox();
  frames = new Mailbox();

  /** Listens in a fresh folder below `folder` and starts `command` with it. */
  static async start(folder, command) {
    const session = new BareSession();
    const meeting = join(folder, `m${randomBytes(3).toString('hex')}`);
    await mkdir(meeting, { mode: 0o700 });
    session.token = randomBytes(32).toString('hex');
    await writeFile(join(meeting, 'token'), session.token, { mode: 0o600 });
    const socket = join(meeting, 'session.sock');
    const server = createServer((connection) => session.#meet(connection));
    await new Promise((resolve) => server.listen(socket, resolve));
    session.program = spawn(command[0], command.slice(1), {
      env: { ...process.env, NX_HOTPATCH_SOCKET: socket },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface({ input: session.program.stdout }).on('line', (line) =>
      session.answers.post(line.slice(2)),
    );
    session.exit = new Promise((resolve) => session.program.once('close', resolve));
    session.exit.then(() => server.close());
    return session;
  }

  #meet(connection) {
    this.connection = connection;
    let rest = Buffer.alloc(0);
    connection.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 5 && rest.length >= 4 + rest.readUInt32LE(0)) {
        const end = 4 + rest.readUInt32LE(0);
        this.frames.post({ type: rest[4], message: JSON.parse(rest.toString('utf8', 5, end)) });
        rest = rest.subarray(end);
      }
    });
    connection.on('error', () => {});
    connection.on('close', () => this.frames.close('the loader has closed the connection'));
  }

  /** The message of the next frame of this kind. */
  async receive(kind) {
    const { message } = await this.frames.take(kind, (frame) => frame.type === types[kind], patience);
    return message;
  }

  send(kind, message, bytes) {
    const json = Buffer.from(JSON.stringify(message));
    const payload = bytes ? Buffer.concat([u32(json.length), json, bytes]) : json;
    this.connection.write(Buffer.concat([u32(payload.length + 1), Buffer.from([types[kind]]), payload]));
  }

  /** Answers a Hello as a session does; `more` overrides fields. */
  async welcome(more = {}) {
    const hello = await this.receive('hello');
    this.send('welcome', { protocol: hello.protocol, token: this.token, buildId: hello.buildId, ...more });
    return hello;
  }

  async ask(line) {
    this.program.stdin.write(`${line}\n`);
    return this.answers.take(`an answer to "${line}"`, () => true, patience);
  }

  /** Ends the program by the end of its input. */
  async end() {
    this.program.stdin.end();
    return withPatience(this.exit, 'the end of the program');
  }
}

function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

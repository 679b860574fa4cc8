import { createServer, type Server, type Socket } from 'node:net';
import { type Command, parseCommand } from '../commands';
import type { SessionEvent } from '../events';
import { listenInMeetingFolder, type MeetingFolder } from '../loader-connection/meeting-folder';
import type { Subject } from '../report/lines';
import { type ControlAnswer, type ControlRequest, MAX_REQUEST_BYTES } from './messages';

export interface ControlEvents {
  readonly command: (command: Command) => Promise<SessionEvent | undefined>;
  readonly subject: () => Subject;
}

/**
 * Takes commands from editors and scripts. The socket lies in a folder of mode 0700, so who can connect is the user,
 * who could end or debug the session just as well: there is nothing more to prove.
 */
export class ControlServer {
  readonly #connections = new Set<Socket>();

  private constructor(
    private readonly folder: MeetingFolder,
    private readonly server: Server,
    private readonly events: ControlEvents,
  ) {
    server.on('connection', (socket) => {
      this.#connections.add(socket);
      socket.on('close', () => this.#connections.delete(socket));
      // Who asks may go before the answer; the session is not concerned.
      socket.on('error', () => {});
      this.#listen(socket);
    });
  }

  static async listen(events: ControlEvents): Promise<ControlServer> {
    // Half open: a script may end its side after the request, and still wants the answer.
    const server = createServer({ allowHalfOpen: true });
    return new ControlServer(await listenInMeetingFolder(server), server, events);
  }

  get socket(): string {
    return this.folder.socket;
  }

  /** Answers that are on their way are sent; whoever is still typing is cut off. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.#connections) socket.destroySoon();
    await closed;
    await this.folder.remove();
  }

  #listen(socket: Socket): void {
    let line = '';
    const read = (chunk: Buffer) => {
      line += chunk.toString('utf8');
      const end = line.indexOf('\n');
      if (end < 0 && line.length <= MAX_REQUEST_BYTES) return;
      socket.off('data', read);
      const command = end < 0 ? undefined : requested(line.slice(0, end));
      if (command === undefined) socket.destroy();
      else void this.#answer(socket, command);
    };
    socket.on('data', read);
    socket.on('end', () => {
      if (!line.includes('\n')) socket.destroy();
    });
  }

  async #answer(socket: Socket, command: Command): Promise<void> {
    const event = (await this.events.command(command)) ?? null;
    const answer: ControlAnswer = { event, subject: this.events.subject() };
    socket.end(`${JSON.stringify(answer)}\n`);
  }
}

function requested(line: string): Command | undefined {
  try {
    const { tell } = JSON.parse(line) as Partial<ControlRequest>;
    return typeof tell === 'string' ? parseCommand(tell) : undefined;
  } catch {
    return undefined;
  }
}

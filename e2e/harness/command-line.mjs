/** A debugger that is driven as a person would: a command is typed, and its output is read up to the next prompt. */
import { spawn } from 'node:child_process';
import { Mailbox } from './mailbox.mjs';
import { patience, withPatience } from './task.mjs';

/** How each debugger is started without its user's settings, and how it is made to print a line of ours. */
const debuggers = {
  gdb: {
    arguments: ['-q', '-nx', '-iex', 'set debuginfod enabled off'],
    settings: ['set pagination off', 'set confirm off', 'set width 0'],
    interruptible: true,
    attach: (pid) => `attach ${pid}`,
    say: (text) => `echo \\n${text}\\n`,
  },
  lldb: {
    arguments: ['-x', '--no-use-colors'],
    settings: [
      'settings set auto-confirm true',
      'settings set plugin.jit-loader.gdb.enable on',
      // Commands that let the program run end when it stops, as those of gdb do.
      'script lldb.debugger.SetAsync(False)',
    ],
    interruptible: false,
    attach: (pid) => `process attach --pid ${pid}`,
    say: (text) => `script print("\\n${text}")`,
  },
};

export class Debugger {
  #said = 0;
  #going;
  #replies = new Mailbox();
  transcript = [];

  static async start(kind) {
    const debugger_ = new Debugger();
    debugger_.kind = debuggers[kind];
    const child = spawn(kind, debugger_.kind.arguments, { stdio: 'pipe' });
    debugger_.child = child;
    debugger_.exit = new Promise((resolve) => child.once('close', resolve));
    debugger_.exit.then(() => debugger_.#replies.close('the debugger has ended'));
    debugger_.#listen();
    for (const setting of debugger_.kind.settings) await debugger_.run(setting);
    return debugger_;
  }

  #listen() {
    let text = '';
    const read = (chunk) => {
      text += chunk;
      for (let end = /^<(\d+)>$/m.exec(text); end; end = /^<(\d+)>$/m.exec(text)) {
        this.#replies.post({ number: Number(end[1]), text: text.slice(0, end.index).trim() });
        text = text.slice(end.index + end[0].length);
      }
    };
    this.child.stdout.on('data', read);
    this.child.stderr.on('data', read);
    this.child.stdin.on('error', () => {}); // It may have ended; the replies tell.
  }

  /** Types a command; gives what it prints. One that lets the program run ends when the program stops. */
  async run(command) {
    const number = ++this.#said;
    this.child.stdin.write(`${command}\n${this.kind.say(`<${number}>`)}\n`);
    const { text } = await this.#replies.take(
      `the end of "${command}"`,
      (reply) => reply.number === number,
      patience,
    );
    this.transcript.push(`> ${command}`, text);
    return text;
  }

  attach(pid) {
    return this.run(this.kind.attach(pid));
  }

  /** Lets the program run. */
  go() {
    this.#going = this.run('continue');
    // Who waits for it is told.
    this.#going.catch(() => {});
  }

  /** What the debugger says when the program has stopped. */
  async stopped() {
    const said = await this.#going;
    this.#going = undefined;
    return said;
  }

  /** Ctrl-C: stops the program that runs. */
  interrupt() {
    this.child.kill('SIGINT');
  }

  /** Leaves the program to itself. */
  async end() {
    // lldb takes no Ctrl-C from a pipe: its death lets the program go. The case has taken its breakpoints away.
    if (this.#going && !this.kind.interruptible) {
      this.destroy();
      await this.exit;
      return;
    }
    if (this.#going) {
      this.interrupt();
      await this.stopped();
    }
    this.child.stdin.end('detach\nquit\n');
    await withPatience(this.exit, 'the end of the debugger');
  }

  /** For a failed case: nothing may stay. */
  destroy() {
    this.child.kill('SIGKILL');
  }
}

/** A debugger that is driven as a person would: a command is typed, and its output is read up to the next prompt. */
import { spawn, spawnSync } from 'node:child_process';
import { Mailbox } from './mailbox.mjs';
import { patience, withPatience } from './task.mjs';

/** How each debugger is started without its user's settings, and how it is made to print a line of ours. */
const debuggers = {
  gdb: {
    arguments: ['-q', '-nx', '-iex', 'set debuginfod enabled off'],
    settings: ['set pagination off', 'set confirm off', 'set width 0'],
    say: (text) => `echo \\n${text}\\n`,
  },
  lldb: {
    arguments: ['-x', '--no-use-colors'],
    settings: ['settings set auto-confirm true', 'settings set plugin.jit-loader.gdb.enable on'],
    say: (text) => `script print("\\n${text}")`,
  },
};

export class Debugger {
  #said = 0;
  #replies = new Mailbox();
  transcript = [];

  static isInstalled(name) {
    return spawnSync(name, ['--version']).status === 0;
  }

  static async start(kind, { program = kind, cwd, environment } = {}) {
    const debugger_ = new Debugger();
    debugger_.kind = debuggers[kind];
    const child = spawn(program, debugger_.kind.arguments, { cwd, env: environment, stdio: 'pipe' });
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

  /** Ctrl-C: stops the program that runs. */
  interrupt() {
    this.child.kill('SIGINT');
  }

  async end() {
    this.child.stdin.end('quit\n');
    await withPatience(this.exit, 'the end of the debugger');
  }
}

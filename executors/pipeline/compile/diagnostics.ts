import path from 'node:path';
import type { Diagnostic } from '../artifacts';

/** The fields of `--error-format=json` that are read (The rustc book, "JSON Output"). */
interface RustcMessage {
  readonly $message_type?: string;
  readonly message?: string;
  readonly code?: { readonly code: string } | null;
  readonly level?: string;
  readonly spans?: readonly {
    readonly file_name: string;
    readonly line_start: number;
    readonly is_primary: boolean;
  }[];
  readonly rendered?: string | null;
}

/**
 * Reads what rustc wrote to its error output: one JSON object a line. Other lines are kept as one error: they are a
 * panic of rustc or of a proc macro, or the words of a wrapper.
 *
 * @param cwd the folder in which rustc ran: its paths are relative to it
 */
export function readDiagnostics(stderr: string, cwd: string): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const other: string[] = [];
  for (const line of stderr.split('\n')) {
    const message = line.startsWith('{') ? parse(line) : undefined;
    if (message) found.push(...diagnosticOf(message, cwd));
    else if (line !== '') other.push(line);
  }
  return other.length === 0 ? found : [...found, errorOf(other.join('\n'))];
}

/** An error in words of our own, or of a program that does not speak JSON. */
export function errorOf(message: string): Diagnostic {
  return { level: 'error', code: null, message, file: null, line: null, rendered: `error: ${message}\n` };
}

function parse(line: string): RustcMessage | undefined {
  try {
    return JSON.parse(line) as RustcMessage;
  } catch {
    return undefined;
  }
}

function diagnosticOf(message: RustcMessage, cwd: string): readonly Diagnostic[] {
  if (message.$message_type !== 'diagnostic' || isSummary(message)) return [];
  const span = message.spans?.find(({ is_primary }) => is_primary);
  return [
    {
      level: message.level ?? 'error',
      code: message.code?.code ?? null,
      message: message.message ?? '',
      file: span ? path.resolve(cwd, span.file_name) : null,
      line: span?.line_start ?? null,
      rendered: message.rendered ?? '',
    },
  ];
}

/** "aborting due to 2 previous errors", "For more information about this error": cargo leaves them out, too. */
function isSummary({ level, message }: RustcMessage): boolean {
  return level === 'failure-note' || /^aborting due to |^\d+ warnings? emitted/.test(message ?? '');
}

import type { Reason } from './artifacts';

/** What the system says when it takes no file (errno(3)), in words. `watch` gives ENOSPC for a limit of another kind. */
const WHY: Readonly<Record<string, string>> = {
  ENOSPC: 'there is no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'access is denied',
  EPERM: 'the system does not permit it',
};

const WRITES = new Set([
  'open',
  'write',
  'mkdir',
  'mkdtemp',
  'rename',
  'link',
  'symlink',
  'copyfile',
  'unlink',
  'rm',
  'rmdir',
]);

/** The reason when an error of Node's file functions says that a place cannot be written; undefined for all others. */
export function cannotWrite(thrown: unknown): Reason | undefined {
  const { code, syscall, path, dest } = (thrown ?? {}) as NodeJS.ErrnoException & { dest?: string };
  const why = WHY[code ?? ''];
  if (why === undefined || !WRITES.has(syscall ?? '')) return undefined;
  const place = dest ?? path ?? 'a file';
  return {
    code: 'cannot-write',
    subject: place,
    message: `${place} cannot be written: ${why}.`,
    remedy: 'Make room or allow it, and save again.',
  };
}

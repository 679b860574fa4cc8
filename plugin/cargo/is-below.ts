import path from 'node:path';

/** True when `folder` is `ancestor` or lies in it; both relative to the Nx root. */
export function isBelow(folder: string, ancestor: string): boolean {
  // Nearly all folders are plain, and there are many to compare.
  if (isPlain(folder) && isPlain(ancestor)) {
    return ancestor === '.' || folder === ancestor || folder.startsWith(`${ancestor}/`);
  }
  const relative = path.posix.relative(ancestor, folder);
  return relative !== '..' && !relative.startsWith('../');
}

/** True for what normalizing would leave as it is, and what does not lead up. */
function isPlain(folder: string): boolean {
  return folder === path.posix.normalize(folder) && !folder.startsWith('..') && !folder.endsWith('/');
}

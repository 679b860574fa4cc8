/**
 * Folders of packages that lie inside of other packages, by the outer one's folder. Files in them are not the outer one's.
 *
 * @param folders relative to the Nx root, with `/`; `.` is the root
 */
export function nestedFolders(folders: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const packages = new Set(folders);
  const nested = new Map<string, string[]>();
  for (const folder of folders) {
    for (let outer = folder; outer !== '.'; ) {
      const slash = outer.lastIndexOf('/');
      outer = slash < 0 ? '.' : outer.slice(0, slash);
      if (!packages.has(outer)) continue;
      const inside = nested.get(outer);
      if (inside === undefined) nested.set(outer, [folder]);
      else inside.push(folder);
    }
  }
  return nested;
}

import { readNxJson, type Tree, updateNxJson } from '@nx/devkit';

const PLUGIN = 'nx-hotpatch';

/**
 * Puts the plugin last in nx.json, so that it adds to what the plugins before it say of a project. Where it stands there
 * already, with whatever options, it stays as it is.
 *
 * @returns whether nx.json has changed
 * @throws Error when there is no nx.json
 */
export function registerPlugin(tree: Tree): boolean {
  const nxJson = readNxJson(tree);
  if (nxJson === null) {
    throw new Error('There is no nx.json here.\nRun `npx nx init` in the root of the repository first.');
  }
  const plugins = nxJson.plugins ?? [];
  if (plugins.some((entry) => (typeof entry === 'string' ? entry : entry.plugin) === PLUGIN)) return false;
  const entry = { plugin: PLUGIN, options: { hotpatchTargetName: 'hotpatch' } };
  updateNxJson(tree, { ...nxJson, plugins: [...plugins, entry] });
  return true;
}

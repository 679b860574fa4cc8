import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  addDependenciesToPackageJson,
  formatFiles,
  type GeneratorCallback,
  output,
  type Tree,
} from '@nx/devkit';
import { memberships } from '../../cargo/membership';
import { manifestsInTree } from '../manifests-in-tree';
import { ignoreOutputs } from './ignore-outputs';
import { registerPlugin } from './register-plugin';
import { type SetUp, summary } from './summary';

export interface InitGeneratorSchema {
  readonly skipFormat?: boolean;
  readonly skipPackageJson?: boolean;
  /** Given by `nx add`; an existing version is always kept. */
  readonly keepExistingVersions?: boolean;
}

/** `nx add nx-hotpatch`: sets the workspace up and tells what was done. Run again, it changes nothing. */
export async function initGenerator(tree: Tree, options: InitGeneratorSchema): Promise<GeneratorCallback> {
  const { done, install } = await setUp(tree, options);
  return async () => {
    await install();
    output.log(summary(done));
  };
}

export default initGenerator;

/** For generators that need the workspace to be set up: the same without a word. */
export async function setUp(
  tree: Tree,
  options: InitGeneratorSchema,
): Promise<{ readonly done: SetUp; readonly install: GeneratorCallback }> {
  const workspaces = memberships(await manifestsInTree(tree));
  const members = workspaces.flatMap((workspace) => workspace.members);
  const names = members.map((member) => member.name ?? '');
  const done: SetUp = {
    registered: registerPlugin(tree),
    ignored: ignoreOutputs(
      tree,
      workspaces.map(({ root }) => root.folder),
    ),
    packages: names,
    // Where several packages share a name, their projects are called otherwise.
    program: members.find(
      ({ name, folder }) =>
        tree.exists(path.posix.join(folder, 'src/main.rs')) &&
        names.filter((other) => other === name).length === 1,
    )?.name,
  };
  const install =
    options.skipPackageJson === true
      ? () => {}
      : addDependenciesToPackageJson(tree, {}, { 'nx-hotpatch': ownVersion() }, undefined, true);
  if (options.skipFormat !== true) await formatFiles(tree);
  return { done, install };
}

function ownVersion(): string {
  const file = require.resolve('nx-hotpatch/package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}

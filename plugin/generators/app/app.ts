import path from 'node:path';
import { type GeneratorCallback, output, type Tree } from '@nx/devkit';
import { setUp } from '../init/init';
import { cargoHome } from './cargo-home';
import { manifest, program } from './program';

export interface AppGeneratorSchema {
  readonly directory: string;
  readonly name?: string;
  readonly skipFormat?: boolean;
}

/**
 * `nx g nx-hotpatch:app apps/hello`: a program that counts, in the Cargo workspace around its folder, or in a new one.
 *
 * @throws Error when the folder is taken or lies outside, or when the name is none for a Cargo package
 */
export async function appGenerator(tree: Tree, options: AppGeneratorSchema): Promise<GeneratorCallback> {
  const folder = path.posix.normalize(options.directory).replace(/\/$/, '');
  const name = options.name ?? path.posix.basename(folder);
  check(tree, folder, name);

  const files = { 'Cargo.toml': manifest(name), 'src/main.rs': program(name, folder) };
  for (const [file, text] of Object.entries(files)) tree.write(path.posix.join(folder, file), text);
  await cargoHome(tree, folder);
  const { install } = await setUp(tree, options);

  return async () => {
    await install();
    output.log({
      title: `${folder} holds a program that counts.`,
      bodyLines: [
        `Next: \`nx run ${name}:hotpatch\`. While it runs, change the text in ${folder}/src/main.rs and save:`,
        'the new text appears, and the count goes on.',
      ],
    });
  };
}

export default appGenerator;

function check(tree: Tree, folder: string, name: string): void {
  if (folder === '.' || folder.startsWith('..') || path.posix.isAbsolute(folder)) {
    throw new Error(
      `The program cannot be in '${folder}'.\nGive a folder below the workspace root, such as apps/hello.`,
    );
  }
  if (tree.exists(folder) && (tree.isFile(folder) || tree.children(folder).length > 0)) {
    throw new Error(`${folder} is not empty.\nGive a folder that does not exist yet.`);
  }
  // The Cargo Book, "The name field"; a name that starts with a digit is none for a crate.
  if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) {
    throw new Error(
      `'${name}' cannot be the name of a Cargo package.\nGive another with --name: letters, digits, - and _, with a letter first.`,
    );
  }
}

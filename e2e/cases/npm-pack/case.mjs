import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../harness/workspace.mjs';

const npm = (folder, ...args) => execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });

export default {
  behaviour: 'The tarball of `npm pack`, installed into a workspace elsewhere, works there.',
  via: 'nx',
  linked: false,
  async prepare({ workspace, scratch }) {
    const { version } = JSON.parse(readFileSync(join(repository, 'node_modules/nx/package.json'), 'utf8'));
    // What prepack makes is what the other cases run on; making it again here would race with them.
    npm(repository, 'pack', '--ignore-scripts', '--pack-destination', scratch);
    const manifest = { name: 'elsewhere', private: true, devDependencies: { nx: version } };
    const own = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
    manifest.devDependencies['@nx/devkit'] = own.devDependencies['@nx/devkit'];
    manifest.devDependencies[own.name] = `file:../${own.name}-${own.version}.tgz`;
    writeFileSync(join(workspace, 'package.json'), JSON.stringify(manifest));
    npm(workspace, 'install', '--no-audit', '--no-fund', '--prefer-offline');
  },
  steps: [
    { ask: { abc: '1 7' } },
    { edit: 'after', patched: { redirected: ['leaf::double'] } },
    { ask: { abc: '2 10' } },
  ],
};

/**
 * An npm registry on loopback that has this package, as if it were published; all others are where they always are. So
 * `nx add nx-hotpatch` and `nx migrate nx-hotpatch` are played word for word.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, dirname, join } from 'node:path';

export class Registry {
  #tarballs = [];
  #server;

  static async start() {
    const registry = new Registry();
    const upstream = execFileSync('npm', ['config', 'get', 'registry'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    registry.#server = createServer((request, response) => {
      const path = request.url.split('?')[0];
      const tarball = registry.#tarballs.find(({ file }) => path === `/nx-hotpatch/-/${basename(file)}`);
      if (tarball) return response.end(readFileSync(tarball.file));
      if (path === '/nx-hotpatch') {
        response.setHeader('content-type', 'application/json');
        return response.end(JSON.stringify(registry.#packument()));
      }
      response.writeHead(302, { location: new URL(request.url.slice(1), upstream).href }).end();
    });
    await new Promise((resolve) => registry.#server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}/`;
  }

  /** @param {string} file a tarball as `npm pack` makes it; the last one published is the latest */
  publish(file) {
    const manifest = JSON.parse(
      execFileSync('tar', ['-xOzf', file, 'package/package.json'], { encoding: 'utf8' }),
    );
    this.#tarballs.push({ file, manifest });
    return manifest.version;
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #packument() {
    const versions = this.#tarballs.map(({ file, manifest }) => {
      const integrity = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
      const dist = { tarball: `${this.url}nx-hotpatch/-/${basename(file)}`, integrity };
      return [manifest.version, { ...manifest, dist }];
    });
    return {
      name: 'nx-hotpatch',
      'dist-tags': { latest: versions.at(-1)[0] },
      versions: Object.fromEntries(versions),
    };
  }
}

/** A later release of a packed package, which brings a migration. Gives its tarball. */
export function nextRelease(tarball, version) {
  const folder = join(dirname(tarball), `next-${version}`);
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', folder]);
  const inside = (name) => join(folder, 'package', name);
  const edit = (name, change) =>
    writeFileSync(inside(name), JSON.stringify(change(JSON.parse(readFileSync(inside(name), 'utf8')))));
  edit('package.json', (manifest) => ({ ...manifest, version }));
  edit('migrations.json', (migrations) => ({
    ...migrations,
    generators: {
      ...migrations.generators,
      'rename-option': { version, description: 'Rename an option.', implementation: './rename-option.js' },
    },
  }));
  const packed = join(dirname(tarball), `nx-hotpatch-${version}.tgz`);
  execFileSync('tar', ['-czf', packed, '-C', folder, 'package']);
  return packed;
}

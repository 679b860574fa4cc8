/**
 * A remote cache that speaks the HTTP protocol of Nx for servers of one's own
 * (https://nx.dev/docs/kb/self-hosted-caching): `PUT` and `GET /v1/cache/{hash}` with a bearer token, tar archives as
 * bodies. In memory, on loopback.
 */
import { createServer } from 'node:http';

export class CacheServer {
  /** Archives by the hash of their task. */
  entries = new Map();
  /** `GET <hash> <status>` and `PUT <hash> <status>`, in order. */
  log = [];
  token = 'secret-of-the-team';
  #server = createServer((request, response) => this.#answer(request, response));

  /** The variables by which Nx finds it. */
  async start() {
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return {
      NX_SELF_HOSTED_REMOTE_CACHE_SERVER: `http://127.0.0.1:${this.#server.address().port}`,
      NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: this.token,
    };
  }

  stop() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request, response) {
    const [, hash] = /^\/v1\/cache\/(\w+)$/.exec(request.url) ?? [];
    const body = [];
    for await (const chunk of request) body.push(chunk);
    const [status, answer] =
      hash === undefined
        ? [404]
        : request.headers.authorization !== `Bearer ${this.token}`
          ? [401, 'another token']
          : this.#serve(request.method, hash, Buffer.concat(body));
    this.log.push(`${request.method} ${hash} ${status}`);
    // Nx insists on text in an answer that tells why not.
    response.writeHead(status, {
      'content-type': status === 401 ? 'text/plain' : 'application/octet-stream',
    });
    response.end(answer);
  }

  #serve(method, hash, body) {
    if (method === 'PUT') {
      // What is there stays: an entry is never overwritten.
      if (this.entries.has(hash)) return [409];
      this.entries.set(hash, body);
      return [200];
    }
    const entry = this.entries.get(hash);
    return entry === undefined ? [404] : [200, entry];
  }
}

// Serves dist/: node scripts/serve.mjs [--port 8000] [--base /some/path/] [--watch]. With --watch it builds again on every change and
// tells open pages to reload.
import { spawnSync } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { existsSync, watch } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
};
const root = resolve(new URL('..', import.meta.url).pathname);
const RELOAD =
  "new EventSource(document.currentScript.src.replace('reload.js', 'reload')).onmessage = () => location.reload();\n";

/**
 * A server of a folder under a base path. Nothing outside the folder is served.
 * @param {{folder: string, base?: string, live?: boolean}} options
 */
export function serve({ folder, base = '/', live = false }) {
  /** @type {Set<import('node:http').ServerResponse>} */
  const listeners = new Set();
  const server = createServer(async (request, response) => {
    const answer = (
      /** @type {number} */ status,
      /** @type {string} */ type,
      /** @type {string | Buffer} */ body,
    ) => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    let path;
    try {
      path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    } catch {
      return answer(400, 'text/plain', 'This address cannot be read.');
    }
    if (!path.startsWith(base)) return answer(404, 'text/plain', `Nothing here; the site is at ${base}`);
    const name = path.slice(base.length);
    if (live && name === 'reload.js') return answer(200, types['.js'], RELOAD);
    if (live && name === 'reload') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      listeners.add(response);
      request.on('close', () => listeners.delete(response));
      return;
    }
    const file = resolve(folder, name || 'index.html');
    if (file !== folder && !file.startsWith(folder + sep)) return answer(404, 'text/plain', 'Not found.');
    try {
      const target = (await stat(file)).isDirectory() ? join(file, 'index.html') : file;
      let body = await readFile(target);
      if (live && extname(target) === '.html') {
        body = Buffer.from(
          body.toString('utf8').replace('</head>', `<script src="${base}reload.js"></script></head>`),
        );
      }
      answer(
        200,
        types[/** @type {keyof typeof types} */ (extname(target))] ?? 'application/octet-stream',
        body,
      );
    } catch {
      answer(404, 'text/plain', 'Not found.');
    }
  });
  return { server, reload: () => listeners.forEach((listener) => listener.write('data: again\n\n')) };
}

/** Listens on the port, or on the next free one. @param {import('node:http').Server} server @param {number} port @returns {Promise<number>} */
export const listen = (server, port) =>
  new Promise((done, fail) => {
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code !== 'EADDRINUSE') return fail(error);
      console.log(`serve: port ${port} is taken, trying ${port + 1}`);
      done(listen(server, port + 1));
    });
    server.listen(port, () => done(/** @type {import('node:net').AddressInfo} */ (server.address()).port));
  });

/** Builds again what a change needs. @param {string[]} changed */
function rebuild(changed) {
  const run = (/** @type {string} */ command, /** @type {string[]} */ args) =>
    spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status === 0;
  const core = changed.some((path) => path.startsWith('cpp'));
  return (!core || run('scripts/wasm', ['modules'])) && run('node', ['scripts/build.mjs']);
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const option = (/** @type {string} */ name, /** @type {string} */ otherwise) => {
    const place = process.argv.indexOf(name);
    return place < 0 ? otherwise : process.argv[place + 1];
  };
  const live = process.argv.includes('--watch');
  const folder = join(root, 'dist');
  if (live && !existsSync(folder)) rebuild([]);
  if (!existsSync(folder)) {
    console.error('serve: there is no dist; run ./scripts/serve, or node scripts/build.mjs once');
    process.exit(1);
  }
  const base = option('--base', '/').replace(/^\/*/, '/').replace(/\/*$/, '/');
  const { server, reload } = serve({ folder, base, live });
  const port = await listen(server, Number(option('--port', '8000')));
  console.log(`serve: http://localhost:${port}${base}`);
  if (live) {
    /** @type {Set<string>} */
    const changed = new Set();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    for (const part of ['cpp', 'web', 'tutorials', 'scripts']) {
      watch(join(root, part), { recursive: true }, (_, name) => {
        changed.add(`${part}/${name}`);
        clearTimeout(timer);
        timer = setTimeout(() => {
          const paths = [...changed];
          changed.clear();
          if (rebuild(paths)) reload();
        }, 100);
      });
    }
    console.log('serve: watching; pages reload after each build');
  }
}

/**
 * The service worker: with it the page can be installed, and starts without a connection. It keeps the files of the page and
 * nothing else: no message, no answer of the server and no address but the page's own is ever stored or answered by it.
 *
 * As long as the server answers, all comes from the server. Only where it does not, a page that is opened gets the files that
 * were kept, all of one version. The server writes that version into this file: the names of the files and their tags. So a new
 * version of any file is a new worker, which has a cache of its own and deletes the old one.
 */

const VERSION = "{{version}}";
const FILES = new Map("{{files}}".split(" ").map((each) => each.split(":")));
const SCOPE = new URL("./", self.location).href;
const PREFIX = `chatroom ${SCOPE} `;
const NAME = PREFIX + VERSION;
const TOO_MANY = 429;

/** Pages that were opened without the server, by their id: they have all their files from here. */
const offline = new Set();

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => event.waitUntil(forget()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const name = request.url.startsWith(SCOPE) ? request.url.slice(SCOPE.length).replace(/[?#].*$/u, "") : null;
  if (request.method !== "GET" || !FILES.has(name)) return;
  if (request.mode === "navigate" && name === "") event.respondWith(open(event));
  else if (offline.has(event.clientId) && request.cache !== "no-store") event.respondWith(kept(name, request));
});

/** The page from the server; where the server cannot answer, the one that was kept. */
async function open({ request, resultingClientId }) {
  let answer;
  try {
    answer = await fetch(request);
  } catch {
    answer = Response.error();
  }
  if (answer.type !== "error" && answer.status < 500 && answer.status !== TOO_MANY) return answer;
  const page = await (await caches.open(NAME)).match(SCOPE);
  if (page) offline.add(resultingClientId);
  return page ?? answer;
}

async function kept(name, request) {
  return (await (await caches.open(NAME)).match(SCOPE + name)) ?? fetch(request);
}

async function keep() {
  const cache = await caches.open(NAME);
  await Promise.all([...FILES].map(async ([name, tag]) => cache.put(SCOPE + name, await file(name, tag))));
}

/** A file of this version: from the browser's own cache, which has it since the page was loaded, or from the server. */
async function file(name, tag) {
  for (const cache of ["force-cache", "reload"]) {
    const answer = await fetch(SCOPE + name, { cache });
    const found = answer.headers.get("etag");
    if (answer.ok && (found?.includes(tag) || (cache === "reload" && !found))) return answer;
  }
  throw new Error(`${name} is not of this version.`);
}

async function forget() {
  for (const name of await caches.keys()) if (name.startsWith(PREFIX) && name !== NAME) await caches.delete(name);
}

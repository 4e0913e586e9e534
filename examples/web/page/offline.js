// A service worker: what the network gives is kept, and stands in for it where there is none.

const KEPT = "libhar-page";
const FILES = [
  "./", "index.html", "style.css", "main.mjs", "motion.mjs", "view.mjs", "har.mjs", "har.wasm", "model.har",
];

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(FILES)));
});

addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(answer(event.request));
});

async function answer(request) {
  const kept = await caches.open(KEPT);
  try {
    const fresh = await fetch(request);
    if (fresh.ok) await kept.put(request, fresh.clone());
    return fresh;
  } catch (problem) {
    const old = await kept.match(request, { ignoreSearch: true });
    if (old) return old;
    throw problem;
  }
}

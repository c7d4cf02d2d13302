/** Lets browsers install the page: registers the service worker (worker.js), where there can be one. */

const WORKER = "worker.js";

/** Trusted Types let nothing be loaded as a script but what a policy names; this one names one file. */
function address() {
  const only = (wanted) => {
    if (wanted !== WORKER) throw new TypeError("There is no such worker.");
    return wanted;
  };
  return window.trustedTypes?.createPolicy("chatroom-worker", { createScriptURL: only }).createScriptURL(WORKER) ?? WORKER;
}

/** Only over TLS or on this machine; elsewhere, and where the browser refuses, the page works without. */
export async function install() {
  try {
    await navigator.serviceWorker?.register(address(), { updateViaCache: "none" });
  } catch {
    // Then the page needs its server each time it is opened.
  }
}

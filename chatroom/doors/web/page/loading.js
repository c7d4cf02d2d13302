/**
 * What is shown until the page has all its parts, and while it has not: a server that is busy, or that has as many
 * visitors from one address as it takes, refuses single files. Then this says so, and tries again. It is no module, so
 * that it runs where a module is what is missing, and it is sent inside of index.html, so that it is never missing.
 */

(() => {
  const SHORTEST = 5; // s between tries; where many pages wait, they do not all come back at once
  const LONGEST = 120;
  let failed = false;

  function say(sentence) {
    const box = document.querySelector("#loading p");
    if (box) box.textContent = sentence;
  }

  function wait(seconds) {
    const spread = Math.min(LONGEST, Math.max(SHORTEST, seconds)) * (1 + Math.random());
    say(
      "This page did not load completely. The server may be busy, or too many people use it from your network " +
        `address. Trying again in ${Math.round(spread)} seconds.`,
    );
    setTimeout(retry, spread * 1000);
  }

  async function retry() {
    say("Trying again…");
    try {
      const answer = await fetch("chat.js", { cache: "no-store" });
      if (answer.ok) location.reload();
      else wait(Number(answer.headers.get("Retry-After")) || 0);
    } catch {
      wait(0);
    }
  }

  // Such errors do not rise to the window; it can hear them on their way down.
  const part = (target) => target instanceof Element && target.matches("script, link[rel=stylesheet]");
  const fail = ({ target }) => {
    if (failed || !part(target)) return;
    failed = true;
    document.documentElement.classList.add("incomplete");
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", () => wait(0));
    else wait(0);
  };
  addEventListener("error", fail, true);
})();

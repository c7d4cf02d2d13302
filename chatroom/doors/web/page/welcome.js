/** What the join page shows of the server: its welcome text, and how many people are there (welcome.json). */

import { find, make } from "./dom.js";
import { count } from "./sentences.js";
import { told } from "./text.js";

/** Ask for both and show them. If the server does not answer, nothing is shown. */
export async function showWelcome() {
  const people = find("#join-people");
  const box = find("#welcome");
  let facts;
  try {
    const answer = await fetch("welcome.json", { cache: "no-store" });
    if (!answer.ok) return;
    facts = await answer.json();
  } catch {
    return;
  }
  const there = Number(facts.people) || 0;
  people.textContent = there ? `${count(there, "person is", "people are")} online.` : "Nobody is online yet.";
  const lines = Array.isArray(facts.motd) ? facts.motd : [];
  box.hidden = lines.length === 0;
  box.replaceChildren(...lines.map((line) => make("p", { dir: "auto" }, ...(line ? told([{ text: line }]) : ["\u00a0"]))));
}

/** What one is told beside the talk: small notes, lines read aloud, and the system's notifications. */

import { find, make } from "./dom.js";
import { Room } from "./room.js";
import { readChoice } from "./store.js";
import { told } from "./text.js";

const TOAST_TIME = 6000; // ms that a note stays; twice as long if there is something to choose
const TOASTS = 2;
const SPOKEN = 300; // characters of a line that are read aloud unasked
const SPOKEN_LINES = 5;

/**
 * @param text a text, or the parts of a sentence
 * @param about the room or whispers that it is about: it is gone when they are looked at
 */
export function toast(text, about = null, ...choices) {
  const note = make(
    "div.toast",
    { dir: "auto", "data-about": about },
    make("span", {}, ...(typeof text === "string" ? [text] : told(text))),
    ...choices.map(([label, act]) =>
      make("button.link", { type: "button", onclick: () => (act(), note.remove()) }, label),
    ),
  );
  const box = find("#toasts");
  while (box.children.length >= TOASTS) box.firstChild.remove();
  box.append(note);
  setTimeout(() => note.remove(), choices.length ? TOAST_TIME * 2 : TOAST_TIME);
}

/** The notes about this have been understood. */
export function untoast(about) {
  for (const note of document.querySelectorAll(".toast")) if (note.dataset.about === about) note.remove();
}

/** Let a screen reader say it when it has nothing else to say. */
export function speak(text) {
  const box = find("#spoken");
  box.append(make("p", {}, text.slice(0, SPOKEN)));
  while (box.children.length > SPOKEN_LINES) box.firstChild.remove();
}

/** For somebody who looks elsewhere, if they wish. */
export function notify(target, entry, show) {
  if (readChoice("notify") !== "yes" || !("Notification" in window) || Notification.permission !== "granted") return;
  const where = target instanceof Room ? ` in ${target.name}` : "";
  const note = new Notification(`${entry.nick}${where}`, { body: entry.text.slice(0, SPOKEN), tag: target.name });
  note.onclick = () => {
    focus();
    show();
    note.close();
  };
}

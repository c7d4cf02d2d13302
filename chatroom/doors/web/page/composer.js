/** Where one writes. What is written is handed on; what was not taken stands there again. */

import { Completion } from "./completion.js";
import { bdi, find } from "./dom.js";
import { Room } from "./room.js";

const REMEMBERED = 50; // texts that the arrow keys bring back

export class Composer {
  #server;
  #send;
  #onlyReader;
  #lines;
  #text = find("#text");
  #completion;
  #earlier = [];
  #at = 0;

  /** @param {{send: (text: string) => Promise<boolean>, onlyReader: (text: string) => ?string}} commands send: whether
   *  it was taken; onlyReader: who alone will read it */
  constructor(server, lines, { send, onlyReader }) {
    this.#server = server;
    this.#lines = lines;
    this.#send = send;
    this.#onlyReader = onlyReader;
    this.#completion = new Completion(server, this.#text);
    find("#composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener("keydown", (event) => this.#key(event));
    this.#text.addEventListener("input", () => this.#fit());
  }

  focus() {
    this.#text.focus();
  }

  /** Show what was begun for another room, or nothing. */
  show(target) {
    this.#text.value = target?.draft ?? "";
    this.#text.placeholder = target
      ? target instanceof Room
        ? `Message ${target.name}`
        : `Whisper to ${target.nick}`
      : "You are not in a room";
    this.#completion.close();
    this.#at = this.#earlier.length;
    this.#fit();
    this.say("");
  }

  /** Put text where one writes, such as a name. */
  insert(text) {
    const start = this.#text.selectionStart;
    const space = start > 0 && !/\s$/u.test(this.#text.value.slice(0, start)) ? " " : "";
    this.#text.setRangeText(space + text, start, this.#text.selectionEnd, "end");
    this.#fit();
    this.focus();
  }

  /** Put back what was refused, to be written differently. */
  edit(text) {
    this.#put(text);
    this.focus();
  }

  /** Why something was not done; gone when one goes on. */
  say(sentence) {
    const box = find("#refused");
    box.textContent = sentence;
    box.hidden = !sentence;
  }

  async #submit() {
    const text = this.#text.value.replace(/^\n+/u, ""); // spaces at the end may be a password's
    if (!text.trim()) return;
    this.say("");
    const draft = this.#text.value;
    const target = this.#server.current;
    this.#put("");
    this.#completion.close();
    if (!(await this.#send(text))) {
      if (!this.#text.value && target === this.#server.current) this.#put(draft);
      return;
    }
    if (!this.#server.words.isSecret(text)) this.#earlier = [...this.#earlier.slice(1 - REMEMBERED), text];
    this.#at = this.#earlier.length;
  }

  #put(text) {
    this.#text.value = text;
    this.#fit();
  }

  #key(event) {
    if (this.#completion.key(event)) return;
    const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
    const plain = !shiftKey && !altKey && !ctrlKey && !metaKey;
    if (key === "Enter" && !shiftKey && !altKey) {
      event.preventDefault();
      this.#submit();
    } else if ((key === "PageUp" || key === "PageDown") && plain) {
      event.preventDefault();
      this.#lines.page(key === "PageUp" ? -1 : 1);
    } else if (key === "ArrowUp" && plain && (this.#text.value === "" || this.#isEarlier())) {
      this.#bring(-1, event);
    } else if (key === "ArrowDown" && plain && this.#isEarlier()) {
      this.#bring(1, event);
    }
  }

  #isEarlier() {
    return this.#at < this.#earlier.length && this.#text.value === this.#earlier[this.#at];
  }

  #bring(step, event) {
    const at = Math.min(this.#earlier.length, this.#at + step);
    if (at < 0) return;
    event.preventDefault();
    this.#at = at;
    this.#put(this.#earlier[at] ?? "");
  }

  /** Say so, while what is written would not be read by the room. */
  #warn() {
    const reader = this.#text.value.trim() ? this.#onlyReader(this.#text.value) : null;
    const box = find("#only");
    find("#composer").classList.toggle("private", reader !== null);
    box.hidden = reader === null;
    if (reader !== null && box.dataset.reader !== reader) {
      box.replaceChildren("Only ", bdi(reader), " will read this");
    }
    box.dataset.reader = reader ?? "";
  }

  /** As high as what is written, up to what the style allows. */
  #fit() {
    if (this.#server.current) this.#server.current.draft = this.#text.value;
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
    this.#warn();
    find("#send").disabled = !this.#text.value.trim();
    find("#tips").classList.toggle("shown", this.#text.value === "");
  }
}

/** The form one comes in by. It knows what may be wrong with what was typed, and leaves the rest to the server. */

import { find } from "./dom.js";

const HINTS = {
  __proto__: null,
  guest: "No account needed. The nickname is yours until you leave.",
  login: "Your rooms, your inbox and your name, as you left them.",
  signup: "An account keeps the nickname yours, and whispers wait for you while you are away.",
};

export class JoinForm {
  #form = find("#join-form");
  #nick = find("#join-nick");
  #password = find("#join-password");
  #error = find("#join-error");
  #enter;

  /**
   * @param {(who: object) => Promise<void>} enter throws what the server refuses
   * @param {string} room where one is asked to, or ""
   */
  constructor(enter, room) {
    this.#enter = enter;
    if (room) find("#join-room").value = room;
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    for (const radio of this.#form.elements.how) radio.addEventListener("change", () => this.#drawHow());
    this.#drawHow();
  }

  /** Where one is asked to, since the address has changed. */
  set room(room) {
    find("#join-room").value = room;
  }

  /** @param {{nick?: string, how?: string, text?: string}} begin what stands in it at first */
  show({ nick = "", how = "", text = "" } = {}) {
    find("#join").hidden = false;
    find("#returning").hidden = true;
    this.#form.hidden = false;
    if (nick) this.#nick.value = nick;
    if (how) this.#become(how);
    this.#say(text);
    const first = this.#nick.value && this.#how !== "guest" ? this.#password : this.#nick;
    first.focus();
  }

  /** Somebody who was here a moment ago. */
  showReturning() {
    find("#join").hidden = false;
    find("#returning").hidden = false;
    this.#form.hidden = true;
  }

  hide() {
    find("#join").hidden = true;
    this.#password.value = "";
    this.#say("");
  }

  get #how() {
    return this.#form.elements.how.value;
  }

  #become(how) {
    this.#form.elements.how.value = how;
    this.#drawHow();
  }

  #drawHow() {
    const how = this.#how;
    find("#join-account").hidden = how === "guest";
    find("#join-hint").textContent = HINTS[how];
    this.#password.autocomplete = how === "signup" ? "new-password" : "current-password";
  }

  #say(text, field = null) {
    this.#error.hidden = !text;
    this.#error.textContent = text;
    for (const input of [this.#nick, this.#password]) {
      input.toggleAttribute("aria-invalid", input === field);
      if (input === field) input.setAttribute("aria-describedby", "join-error");
      else input.removeAttribute("aria-describedby");
    }
    field?.focus();
  }

  async #submit(event) {
    event.preventDefault();
    const how = this.#how;
    const nick = this.#nick.value.trim();
    const password = this.#password.value;
    if (!nick) return this.#say("Type the nickname you would like.", this.#nick);
    if (how !== "guest" && !password) return this.#say("Type the password.", this.#password);
    const lobby = document.documentElement.dataset.lobby;
    const room = find("#join-room").value.trim();
    const who = { nick, fresh: true, room: room === lobby ? "" : room };
    if (how !== "guest") Object.assign(who, { password, signup: how === "signup", keep: find("#join-keep").checked });
    const button = find("button[type=submit]", this.#form);
    button.disabled = true;
    try {
      await this.#enter(who);
    } catch (error) {
      if (error.code === "nick-owned" && how === "guest") this.#become("login");
      const isPassword = how !== "guest" && !["nick-taken", "nick-owned", "unreachable"].includes(error.code);
      const field = error.code === "nick-owned" || isPassword ? this.#password : this.#nick;
      const more = error.code === "nick-owned" && how === "guest" ? " If it is yours, log in." : "";
      this.#say(error.message + more, field);
    } finally {
      button.disabled = false;
    }
    return undefined;
  }
}

/** The form of the join page. It knows what may be wrong with what was typed, and leaves the rest to the server. */

import { eye, passwordRule } from "./dialogs.js";
import { find } from "./dom.js";
import { patiently } from "./patience.js";
import { showWelcome } from "./welcome.js";

const HINTS = {
  __proto__: null,
  guest: "You need no account. The nickname is yours until you leave.",
  login: "You get your rooms, your inbox and your nickname back.",
  signup: "An account reserves your nickname, and whispers wait for you while you are offline.",
};

/** What the button does. */
const DOES = { __proto__: null, guest: "Join", login: "Log in", signup: "Sign up" };

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
    this.#password.after(eye(this.#password));
    this.#drawHow();
  }

  /** Where one is asked to, since the address has changed. */
  set room(room) {
    find("#join-room").value = room;
  }

  /** @param {{nick?: string, how?: string, text?: string}} begin what stands in it at first */
  async show({ nick = "", how = "", text = "" } = {}) {
    await patiently(showWelcome()); // the form would move when it comes
    find("#loading").hidden = true;
    find("#join").hidden = false;
    find("#returning").hidden = true;
    this.#form.hidden = false;
    if (nick) this.#nick.value = nick;
    if (how) this.#become(how);
    this.#say(text);
    const first = this.#nick.value && this.#how !== "guest" ? this.#password : this.#nick;
    first.focus();
  }

  /** This person was here a moment ago. */
  showReturning() {
    find("#loading").hidden = true;
    find("#join").hidden = false;
    find("#returning").hidden = false;
    this.#form.hidden = true;
  }

  hide() {
    find("#join").hidden = true;
    find("#welcome").replaceChildren();
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
    find("button[type=submit]", this.#form).textContent = DOES[how];
    if (how === "signup") this.#password.setAttribute("aria-describedby", "join-rule");
    else this.#password.removeAttribute("aria-describedby");
    const rule = find("#join-rule");
    rule.textContent = how === "signup" ? passwordRule() : "";
    rule.hidden = how !== "signup";
    this.#password.autocomplete = how === "signup" ? "new-password" : "current-password";
  }

  #say(text, field = null) {
    this.#error.hidden = !text;
    this.#error.textContent = text;
    for (const input of [this.#nick, this.#password]) {
      input.toggleAttribute("aria-invalid", input === field);
      const rule = input === this.#password && this.#how === "signup" ? "join-rule" : "";
      const described = [input === field && text ? "join-error" : "", rule].filter(Boolean).join(" ");
      if (described) input.setAttribute("aria-describedby", described);
      else input.removeAttribute("aria-describedby");
    }
    field?.focus();
  }

  async #submit(event) {
    event.preventDefault();
    const how = this.#how;
    const nick = this.#nick.value.trim();
    const password = this.#password.value;
    if (!nick) return this.#say("Choose a nickname.", this.#nick);
    if (how !== "guest" && !password) return this.#say("Type your password.", this.#password);
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

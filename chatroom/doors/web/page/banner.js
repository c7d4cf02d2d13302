/** What stands above the talk when all is not well: that there is no connection, or that one is not in the room. */

import { find, make } from "./dom.js";

const SOON = 900; // ms of a lost connection before anything is said: most are back by then

export class Banner {
  #box = find("#banner");
  #link;
  #timer = 0;

  constructor(link) {
    this.#link = link;
  }

  /**
   * @param held our nickname is still held by the connection that was lost
   * @param out why one is not in the room that is looked at, or ""
   * @param choices what one can do about that
   */
  draw(held, out, choices) {
    clearTimeout(this.#timer);
    if (this.#link.state !== "open") this.#timer = setTimeout(() => this.#drawLost(), this.#box.hidden ? SOON : 0);
    else if (held) this.#show("Your old connection still holds your nickname. Trying again …");
    else if (out) this.#show(out, ...choices);
    else this.#box.hidden = true;
  }

  #drawLost() {
    const { state, retryAt, sentence } = this.#link;
    const lost = ["Not connected.", sentence].filter(Boolean).join(" ");
    const seconds = Math.ceil((retryAt - Date.now()) / 1000);
    if (!navigator.onLine) this.#show("You are offline. Your messages will be sent when you are back.");
    else if (state === "waiting" && seconds > 1) {
      this.#show(`${lost} Trying again in ${seconds} seconds.`, ["Try now", () => this.#link.open()]);
    } else this.#show(`${lost} Trying again …`);
    if (state === "waiting") this.#timer = setTimeout(() => this.#drawLost(), 1000);
  }

  #show(text, ...choices) {
    if (!this.#box.hidden && find("span", this.#box)?.textContent === text) return;
    const buttons = choices.map(([label, act]) => make("button.link", { type: "button", onclick: act }, label));
    this.#box.replaceChildren(make("span", {}, text), ...buttons);
    this.#box.hidden = false;
  }
}

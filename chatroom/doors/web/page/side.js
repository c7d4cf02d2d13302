/** The list of rooms and whispers, and who I am. */

import { face, find, icon, make, bdi } from "./dom.js";
import { rove, settle } from "./roving.js";
import { count } from "./sentences.js";

export class Side {
  #server;
  #nav = find("#side");

  /** @param {{openMe: Function, openInbox: Function, openBrowse: Function, openWhisper: Function}} acts */
  constructor(server, acts) {
    this.#server = server;
    find("#me").addEventListener("click", (event) => acts.openMe(event.currentTarget));
    find("#browse").addEventListener("click", acts.openBrowse);
    find("#whisper-to").addEventListener("click", acts.openWhisper);
    find("#inbox-open").addEventListener("click", () => {
      this.close();
      acts.openInbox();
    });
    find("#side-open").addEventListener("click", () => this.open());
    find("#side-close").addEventListener("click", () => this.close());
    find("#shade").addEventListener("click", () => this.close());
    for (const list of [find("#rooms"), find("#whispers")]) rove(list);
    this.#nav.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  draw() {
    const { rooms, whispers, me, waiting } = this.#server;
    if (!me) return;
    const focused = document.activeElement?.dataset?.name;
    const lists = [find("#rooms"), find("#whispers")];
    find("#rooms").replaceChildren(
      ...[...rooms.values()].map((room) => this.#row(room, icon(room.locked || room.inviteOnly ? "lock" : "room"))),
    );
    const heard = [...whispers.values()].filter((talk) => !this.#server.ignores(talk.nick) || talk === this.#server.current);
    const talks = heard.map((talk) => this.#row(talk, face(talk.nick, "small")));
    const none = make("li.none", {}, "No conversations yet. Click a name, or type @name and a message.");
    find("#whispers").replaceChildren(...(talks.length ? talks : [none]));
    for (const list of lists) settle(list);
    if (focused) find(`button[data-name="${CSS.escape(focused)}"]`, this.#nav)?.focus();
    this.#drawInbox(me, waiting);
    const all = [...rooms.values(), ...heard];
    const dot = find("#side-open .dot");
    dot.hidden = !all.some((each) => each.unread);
    find("#side-open").setAttribute(
      "aria-label",
      dot.hidden ? "Rooms and whispers" : "Rooms and whispers, with new messages",
    );
  }

  #row(target, picture) {
    const here = target === this.#server.current;
    const calls = target.mentioned || (target.nick && target.unread);
    const badge = target.unread
      ? make(
          `span.badge${calls ? ".calls" : ""}`,
          { "aria-hidden": "true" },
          target.unread > 99 ? "99+" : String(target.unread),
        )
      : null;
    const spoken = target.unread
      ? make("span.sr", {}, `, ${count(target.unread, "new line")}${target.mentioned ? ", you were mentioned" : ""}`)
      : null;
    const attributes = {
      type: "button",
      "aria-current": here ? "true" : false,
      "data-name": target.name,
      title: target.name,
      onclick: () => {
        this.#server.select(target);
        this.close();
      },
    };
    const state = [here && "here", target.unread && "unread", target.out && "out"]
      .filter(Boolean)
      .map((each) => `.${each}`);
    return make(
      "li",
      {},
      make(`button.row${state.join("")}`, attributes, picture, bdi(target.name, "name"), spoken, badge),
    );
  }

  #drawInbox(me, waiting) {
    const button = find("#inbox-open");
    button.hidden = !me.account;
    const badge = waiting
      ? [
          make("span.sr", {}, `, ${count(waiting, "new whisper")}`),
          make("span.badge.calls", { "aria-hidden": "true" }, String(waiting)),
        ]
      : [];
    button.classList.toggle("unread", waiting > 0);
    button.replaceChildren(icon("inbox"), make("span.name", {}, "Inbox"), ...badge);
  }

  drawMe(state) {
    const { me } = this.#server;
    if (!me) return;
    const line =
      state === "open"
        ? me.away
          ? `Away${me.away === "away" ? "" : `: ${me.away}`}`
          : me.account
            ? "Online"
            : "Online, as a guest"
        : "Not connected";
    const dot = state === "open" ? (me.away ? "away" : "on") : "off";
    find("#me").replaceChildren(
      make("span.portrait", {}, face(me.nick), make(`span.presence.${dot}`)),
      make("span.who", {}, bdi(me.nick, "name"), make("span.state", {}, line)),
      icon("more"),
    );
    find("#me").setAttribute("aria-label", `You are ${me.nick}. ${line}. Menu`);
  }

  /** On narrow screens, the list covers the room. */
  open() {
    this.#nav.classList.add("open");
    find("#shade").hidden = false;
    find("#main").inert = true;
    find("#side-open").setAttribute("aria-expanded", "true");
    (find("[aria-current]", this.#nav) ?? find("button", this.#nav)).focus();
  }

  close() {
    if (!this.#nav.classList.contains("open")) return;
    this.#nav.classList.remove("open");
    find("#shade").hidden = true;
    find("#main").inert = false;
    find("#side-open").setAttribute("aria-expanded", "false");
    find("#side-open").focus();
  }
}

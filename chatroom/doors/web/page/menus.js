/** What one can do with oneself and with a room: small menus, each choice a request. */

import { ask, field } from "./dialogs.js";
import { choice, find, make, pop } from "./dom.js";
import { Room } from "./room.js";
import { readChoice, writeChoice } from "./store.js";

const NAME = { name: "nick", autocapitalize: "none", spellcheck: "false" };
const PASSWORD = { name: "password", type: "password", autocomplete: "new-password" };

export class Menus {
  #server;
  #hearing;
  #acts;

  /** @param {{say: Function, toast: Function, help: Function, quit: (logout: boolean) => void}} acts */
  constructor(server, hearing, acts) {
    this.#server = server;
    this.#hearing = hearing;
    this.#acts = acts;
    find("#more").addEventListener("click", (event) => this.#room(event.currentTarget));
    find("#topic").addEventListener("click", (event) => event.target.closest("a") || this.#topic());
  }

  /** A request and what comes of it. @throws {Refused} */
  async #do(word, given = {}, toast = false) {
    const answer = await this.#server.ask(word, given);
    this.#hearing.did(word, answer);
    if (toast) this.#acts.toast(answer.lines.join(" "));
  }

  /** Likewise; a refusal is shown where one writes. */
  #try(word, given) {
    this.#do(word, given).catch((error) => this.#acts.say(error.message));
  }

  // Oneself.

  me(button) {
    const { me } = this.#server;
    const away = me.away
      ? choice("away", "I am back", () => this.#try("back"))
      : choice("away", "Show me as away", () => this.#away());
    const mine = me.account
      ? [choice("key", "Change my password", () => this.#password())]
      : [
          choice("key", "Make an account", () => this.#signUp()),
          choice("edit", "Change my nickname", () => this.#nick()),
        ];
    pop(
      button,
      away,
      ...mine,
      "Notification" in window && isSecureContext && this.#notifications(),
      choice("help", "All commands", () => this.#acts.help()),
      this.#themes(),
      choice("leave", me.account ? "Log out" : "Leave the chat", () => this.#acts.quit(me.account), { danger: true }),
    );
  }

  #themes() {
    const now = readChoice("theme") ?? "auto";
    const box = make("div.three", { role: "group", "aria-label": "Colours" });
    const add = (value, label, picture) => {
      const made = choice(picture, label, () => choose(value, made), { pressed: now === value });
      box.append(made);
    };
    const choose = (value, made) => {
      writeChoice("theme", value === "auto" ? null : value);
      if (value === "auto") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = value;
      for (const each of box.children) each.setAttribute("aria-pressed", String(each === made));
    };
    add("auto", "Auto", "auto");
    add("light", "Light", "sun");
    add("dark", "Dark", "moon");
    return box;
  }

  #notifications() {
    const on = readChoice("notify") === "yes" && Notification.permission === "granted";
    const turn = async () => {
      if (on) writeChoice("notify", null);
      else if ((await Notification.requestPermission()) === "granted") writeChoice("notify", "yes");
      else this.#acts.say("The browser does not let this page show notifications.");
    };
    return choice("bell", on ? "Notify me no more" : "Notify me when I am called", turn);
  }

  #away() {
    const why = field("Why, or until when", { name: "text", placeholder: "Lunch, back at two" });
    ask("Show me as away", [why], "I am away", ({ text }) =>
      this.#do("away", text.trim() ? { text: text.trim() } : {}),
    );
  }

  #nick() {
    const nickname = field("Nickname", { ...NAME, value: this.#server.me.nick });
    ask("Change my nickname", [nickname], "Change", ({ nick }) => this.#do("nick", { nick: nick.trim() }));
  }

  #signUp() {
    const text = `The nickname ${this.#server.me.nick} becomes yours alone, and whispers wait for you while you are away.`;
    ask("Make an account", [field("Password", PASSWORD)], "Make it mine", (given) => this.#do("signup", given), {
      text,
    });
  }

  #password() {
    const old = field("The password you have", { ...PASSWORD, name: "old", autocomplete: "current-password" });
    const wanted = field("The one you want", { ...PASSWORD, name: "new" });
    ask("Change my password", [old, wanted], "Change", (given) => this.#do("passwd", given, true));
  }

  // A room.

  #room(button) {
    const server = this.#server;
    const target = server.current;
    if (!(target instanceof Room)) {
      pop(
        button,
        choice("close", "Put these whispers away", () => server.forgetWhispers(target)),
      );
      return;
    }
    const room = { room: target.name };
    const leave = () => server.leave(target).catch((error) => this.#acts.say(error.message));
    const rules = [
      choice("invite", "Invite somebody", () => this.#invite(target)),
      target.inviteOnly
        ? choice("lock", "Open to everybody", () => this.#try("public", room))
        : choice("lock", "Only for the invited", () => this.#try("private", room)),
      choice("key", target.locked ? "Change or lift the password" : "Lock with a password", () => this.#lock(target)),
    ];
    pop(
      button,
      choice("edit", "Set the topic", () => this.#topic()),
      ...(target.role === "member" ? [] : rules),
      choice("leave", "Leave the room", leave, { danger: true }),
    );
  }

  #topic() {
    const room = this.#server.current;
    if (!(room instanceof Room) || room.out) return;
    const topic = field("What is it about?", { name: "text", value: room.topic, dir: "auto" });
    const set = ({ text }) => this.#do("topic", { room: room.name, text: text.trim() || "-" });
    ask(`Topic of ${room.name}`, [topic], "Set", set);
  }

  #invite(room) {
    const invite = ({ nick }) => this.#do("invite", { nick: nick.trim(), room: room.name }, true);
    ask(`Invite to ${room.name}`, [field("Nickname", NAME)], "Invite", invite);
  }

  #lock(room) {
    const text = room.locked ? "Leave it empty to take the password away." : "";
    const lock = ({ password }) => this.#do("password", { room: room.name, ...(password && { password }) });
    ask(`Password of ${room.name}`, [field("Password", PASSWORD)], "Set", lock, { text });
  }
}

/** The menu of oneself: away, account, notifications, ignored people, colours. */

import { serverBans } from "./bans.js";
import { ask, field, list, passwordRule, secret } from "./dialogs.js";
import { bdi, choice, face, make, pop, rule } from "./dom.js";
import { staffOf } from "./powers.js";
import { readChoice, writeChoice } from "./store.js";
import { Wishes } from "./wishes.js";

const NAME = { name: "nick", autocapitalize: "none", spellcheck: "false" };

export class MyMenu {
  #server;
  #wishes;
  #acts;

  /** @param {{say: Function, toast: Function, help: Function, quit: (logout: boolean) => void}} acts */
  constructor(server, hearing, acts) {
    this.#server = server;
    this.#wishes = new Wishes(server, hearing, acts.say);
    this.#acts = acts;
  }

  open(button) {
    const { me, ignored } = this.#server;
    const away = me.away
      ? choice("away", "I am back", () => this.#wishes.try("back"))
      : choice("away", "Set away …", () => this.#away());
    const mine = me.account
      ? [choice("key", "Change password …", () => this.#password())]
      : [
          choice("key", "Create account …", () => this.#signUp()),
          choice("edit", "Change nickname …", () => this.#nick()),
        ];
    pop(
      button,
      `You are ${me.nick}`,
      null,
      away,
      ...mine,
      "Notification" in window && isSecureContext && this.#notifications(),
      ignored.size > 0 && choice("eye", "Ignored people …", () => this.#ignored()),
      staffOf(this.#server) > 0 && choice("lock", "Server bans and mutes …", () => this.#bans()),
      choice("help", "All commands", () => this.#acts.help()),
      this.#themes(),
      rule(),
      choice("leave", me.account ? "Log out" : "Leave the chat", () => this.#acts.quit(me.account), { danger: true }),
    );
  }

  #themes() {
    const now = readChoice("theme") ?? "auto";
    const box = make("div.three", { role: "group", "aria-label": "Colors" });
    const add = (value, label, picture) => {
      const made = choice(picture, label, () => choose(value, made), { checked: now === value });
      box.append(made);
    };
    const choose = (value, made) => {
      writeChoice("theme", value === "auto" ? null : value);
      if (value === "auto") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = value;
      for (const each of box.children) each.setAttribute("aria-checked", String(each === made));
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
      else this.#acts.say("Your browser blocks notifications from this page.");
    };
    return choice("bell", on ? "Turn off notifications" : "Notify me of mentions", turn);
  }

  #away() {
    const why = field("Why, or until when (not needed)", { name: "text", placeholder: "Lunch, back at two" });
    const text = "People see that you are away. They can still write to you.";
    const set = (given) => this.#wishes.do("away", given.text.trim() ? { text: given.text.trim() } : {});
    ask("Set away", [why], "Set away", set, { text });
  }

  #nick() {
    const nickname = field("Nickname", { ...NAME, value: this.#server.me.nick });
    ask("Change nickname", [nickname], "Change nickname", ({ nick }) => this.#wishes.do("nick", { nick: nick.trim() }));
  }

  #signUp() {
    const text = `Only you can then use the nickname ${this.#server.me.nick}. Whispers wait for you while you are offline.`;
    const password = secret("Password", { name: "password", autocomplete: "new-password" }, passwordRule());
    ask("Create account", [password], "Create account", (given) => this.#wishes.do("signup", given), { text });
  }

  #password() {
    const old = secret("Current password", { name: "old", autocomplete: "current-password" });
    const wanted = secret("New password", { name: "new", autocomplete: "new-password" }, passwordRule());
    const change = async (given) => this.#acts.toast((await this.#wishes.do("passwd", given)).join(" "));
    ask("Change password", [old, wanted], "Change password", change);
  }

  #bans() {
    serverBans(this.#server, { wishes: this.#wishes, toast: this.#acts.toast });
  }

  #ignored() {
    const fill = async (again) => {
      const { ignored } = await this.#server.ask("ignore");
      return ignored.map((nick) => {
        const stop = async () => {
          await this.#wishes.do("unignore", { nick });
          await again();
        };
        const button = { type: "button", "aria-label": `Stop ignoring ${nick}`, onclick: stop };
        return make("li.row", {}, face(nick, "small"), bdi(nick, "name"), make("button.link", button, "Stop ignoring"));
      });
    };
    list("Ignored people", fill, "You are not ignoring anyone.");
  }
}

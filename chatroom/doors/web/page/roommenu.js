/** The menu of the current room or conversation: what anybody may do with it, and what one's own role allows. */

import { roomBans } from "./bans.js";
import { DURATIONS, ask, field, pick, reason, secret } from "./dialogs.js";
import { choice, find, pop, rule } from "./dom.js";
import { filled } from "./person.js";
import { OPERATOR, powerIn, setsTopic, staffOf } from "./powers.js";
import { Room } from "./room.js";
import { count } from "./sentences.js";
import { Wishes } from "./wishes.js";

const PACES = [
  ["off", "As often as they like"],
  ["5", "One line every 5 seconds"],
  ["15", "One line every 15 seconds"],
  ["30", "One line every 30 seconds"],
  ["60", "One line every minute"],
  ["300", "One line every 5 minutes"],
];

export class RoomMenu {
  #server;
  #wishes;
  #acts;

  /** @param {{say: Function, toast: Function}} acts */
  constructor(server, hearing, acts) {
    this.#server = server;
    this.#wishes = new Wishes(server, hearing, acts.say, acts.toast);
    this.#acts = acts;
    find("#more").addEventListener("click", (event) => this.#open(event.currentTarget));
    find("#topic").addEventListener("click", (event) => event.target.closest("a") || this.#topic());
  }

  #open(button) {
    const server = this.#server;
    const target = server.current;
    if (!(target instanceof Room)) {
      const close = choice("close", "Close conversation", () => server.forgetWhispers(target));
      pop(button, `Whispers with ${target.nick}`, null, close);
      return;
    }
    const leave = () => server.leave(target).catch((error) => this.#acts.say(error.message));
    pop(
      button,
      `The room ${target.name}`,
      null,
      setsTopic(server, target) && choice("edit", "Set topic …", () => this.#topic()),
      ...(target.out || powerIn(server, target) < OPERATOR ? [] : this.#rules(target)),
      !target.out && choice("flag", "Report this room …", () => this.#report(target)),
      rule(),
      choice("leave", "Leave room", leave, { danger: true }),
      this.#mayClose(target) && choice("trash", "Close room …", () => this.#close(target), { danger: true }),
    );
  }

  #mayClose(target) {
    return staffOf(this.#server) > 0 && target.name !== document.documentElement.dataset.lobby;
  }

  #rules(target) {
    const room = { room: target.name };
    return [
      choice("invite", "Invite …", () => this.#invite(target)),
      target.inviteOnly
        ? choice("room", "Let everyone join", () => this.#wishes.try("public", room))
        : choice("lock", "Make invite-only …", () => this.#private(target)),
      choice("key", target.locked ? "Change or remove password …" : "Set password …", () => this.#password(target)),
      choice("away", target.slow ? `Slow mode: ${count(target.slow, "second")} …` : "Slow mode …", () => this.#slow(target)),
      choice("away", target.moderated ? "Let everyone talk" : "Let only some talk …", () => this.#moderated(target)),
      choice("room", target.capacity ? `Limit: ${count(target.capacity, "person", "people")} …` : "Limit people …", () => this.#capacity(target)),
      target.unlisted
        ? choice("room", "Show in the list of rooms", () => this.#wishes.try("unlisted", { ...room, on: "off" }))
        : choice("room", "Hide from the list of rooms", () => this.#wishes.try("unlisted", { ...room, on: "on" })),
      target.isShut
        ? choice("lock", "Unlock", () => this.#wishes.try("unlock", room))
        : choice("lock", "Lock …", () => this.#lock(target)),
      choice("stop", "Bans and mutes …", () => this.#bans(target)),
    ];
  }

  #topic() {
    const room = this.#server.current;
    if (!(room instanceof Room) || !setsTopic(this.#server, room)) return;
    const topic = field("What is the room about?", { name: "text", value: room.topic, dir: "auto" });
    const set = ({ text }) => this.#wishes.do("topic", { room: room.name, text: text.trim() || "-" });
    ask(`Topic of ${room.name}`, [topic], "Set topic", set, { text: "Leave it empty to remove the topic." });
  }

  #invite({ name }) {
    const text = `A person you invite can join ${name} once, even if it is locked or invite-only.`;
    const nickname = field("Nickname", { name: "nick", autocapitalize: "none", spellcheck: "false" });
    ask(`Invite to ${name}`, [nickname], "Invite", ({ nick }) => this.#wishes.do("invite", { nick: nick.trim(), room: name }), { text });
  }

  #private({ name }) {
    const text = `Only people whom you invite can then join ${name}, and others no longer find it in the list of rooms.`;
    ask(`Make ${name} invite-only`, [], "Make invite-only", () => this.#wishes.do("private", { room: name }), { text });
  }

  #password({ name, locked }) {
    const text = locked ? "Leave it empty to remove the password." : `People then need the password to join ${name}.`;
    const set = ({ password }) => this.#wishes.do("password", { room: name, ...(password && { password }) });
    const fields = [secret("Password", { name: "password", autocomplete: "new-password" })];
    ask(`Password of ${name}`, fields, "Set password", set, { text });
  }

  #slow({ name, slow }) {
    const chosen = slow ? String(slow) : "off";
    const paces = PACES.some(([value]) => value === chosen)
      ? PACES
      : [...PACES, [chosen, `One line every ${count(slow, "second")}`]];
    const text = `Everyone in ${name} but its operators has to wait between two lines.`;
    const set = ({ seconds }) => this.#wishes.do("slow", { room: name, seconds });
    ask(`Slow mode of ${name}`, [pick("How often can each person send a line?", "seconds", paces, chosen)], "Set slow mode", set, { text });
  }

  #moderated({ name, moderated }) {
    if (moderated) {
      this.#wishes.try("moderated", { room: name, on: "off" });
      return;
    }
    const text = `Only operators and people with voice can then talk in ${name}. Everyone else in it can read.`;
    const set = () => this.#wishes.do("moderated", { room: name, on: "on" });
    ask(`Let only some talk in ${name}`, [], "Let only some talk", set, { text });
  }

  #capacity({ name, capacity }) {
    const text = `Leave it empty for no limit. People who are in ${name} stay, and people you invite can join anyway.`;
    const people = field("How many people can be in the room?", { name: "people", inputmode: "numeric", value: capacity || "" });
    const set = (given) => this.#wishes.do("capacity", { room: name, people: given.people.trim() || "off" });
    ask(`Limit of people in ${name}`, [people], "Set limit", set, { text });
  }

  #lock({ name }) {
    const text = `Nobody new can join ${name} until the lock ends. People who are in the room stay.`;
    const fields = [pick("For how long?", "duration", DURATIONS, "1h"), reason("Why? Everyone in the room sees this.")];
    ask(`Lock ${name}`, fields, `Lock ${name}`, (given) => this.#wishes.do("lock", filled({ room: name, ...given })), { text });
  }

  #bans({ name }) {
    roomBans(this.#server, name, { wishes: this.#wishes, toast: this.#acts.toast });
  }

  #report({ name }) {
    const text = "The moderators of this server read your report.";
    const send = (given) => this.#wishes.do("report", { about: name, reason: given.reason.trim() });
    ask(`Report the room ${name}`, [reason("What happened?")], "Send report", send, { text });
  }

  #close({ name }) {
    const text = `Everyone is removed from ${name}. The room is deleted with all its messages. This cannot be undone.`;
    const close = (given) => this.#wishes.do("close", filled({ room: name, ...given }));
    ask(`Close ${name}`, [reason("Why? Everyone in the room sees this.")], `Close ${name}`, close, { text, danger: true });
  }
}

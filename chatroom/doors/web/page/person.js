/** What one can do with somebody: a menu with what is known of them, and what one's own role allows. */

import { DURATIONS, ask, pick, reason } from "./dialogs.js";
import { bdi, choice, face, make, pop, rule } from "./dom.js";
import { OPERATOR, OWNER, outranks, powerIn, staffOf, staffRole } from "./powers.js";
import { Room, key } from "./room.js";
import { Wishes } from "./wishes.js";

export class PersonCard {
  #server;
  #wishes;
  #acts;

  /** @param {{say: Function, toast: Function, insert: Function, whisper: (nick: string) => void}} acts */
  constructor(server, hearing, acts) {
    this.#server = server;
    this.#wishes = new Wishes(server, hearing, acts.say, acts.toast);
    this.#acts = acts;
  }

  async open(person, button) {
    const { nick, away } = person;
    const { current, me } = this.#server;
    const about = make("p.small", { dir: "auto" }, away && away !== "away" ? away : "");
    const isMe = key(nick) === key(me.nick);
    const room = current instanceof Room && !current.out ? current : null;
    const inRoom = !isMe && room ? await this.#order(room, person) : [];
    const choices = isMe ? [] : [...this.#everybody(person, room), ...inRoom, ...this.#staff(person)];
    if (!button.isConnected) return; // the list was drawn anew meanwhile
    pop(button, `What you can do with ${nick}`, make("div.card", {}, face(nick), make("div", {}, bdi(nick, "name"), about)), ...choices);
    this.#tell(nick, about);
  }

  async #tell(nick, about) {
    try {
      about.replaceChildren((await this.#server.ask("info", { nick })).lines.join(" "));
    } catch {
      about.remove(); // gone meanwhile
    }
  }

  #everybody({ nick }, room) {
    const ignored = this.#server.ignores(nick);
    return [
      choice("whisper", "Whisper", () => this.#acts.whisper(nick)),
      choice("edit", "Mention", () => this.#acts.insert(`${nick}: `)),
      ignored
        ? choice("eye", "Stop ignoring", () => this.#wishes.try("unignore", { nick }))
        : choice("eye", "Ignore …", () => this.#ignore(nick)),
      choice("flag", "Report …", () => this.#report(nick, room)),
    ];
  }

  #ignore(nick) {
    const text = `You no longer see messages and whispers from ${nick}. ${nick} is not notified. You can stop ignoring ${nick} at any time.`;
    ask(`Ignore ${nick}`, [], `Ignore ${nick}`, () => this.#wishes.do("ignore", { nick }), { text });
  }

  #report(nick, room) {
    const sent = room ? `your report, and the last lines that ${nick} said in ${room.name}` : "your report";
    const text = `The moderators of this server read ${sent}. ${nick} is not notified.`;
    const send = (given) => this.#wishes.do("report", { about: nick, reason: given.reason.trim(), ...(room && { room: room.name }) });
    ask(`Report ${nick}`, [reason("What happened?")], "Send report", send, { text });
  }

  /** What my role in the room allows. */
  async #order(room, person) {
    if (powerIn(this.#server, room) < OPERATOR || !outranks(this.#server, room, person)) return [];
    const given = { nick: person.nick, room: room.name };
    const isMuted = await this.#isMuted(given);
    return [
      rule(),
      ...(powerIn(this.#server, room) < OWNER ? [] : this.#roles(person, given)),
      ...this.#voice(this.#server.rooms.get(given.room), person, given),
      isMuted
        ? choice("bell", "Unmute", () => this.#wishes.try("unmute", given))
        : choice("stop", "Mute …", () => this.#mute(given)),
      choice("leave", "Kick …", () => this.#kick(given)),
      choice("lock", "Ban …", () => this.#ban(given), { danger: true }),
    ];
  }

  /** What my role on the server allows, whatever I am in the room. */
  #staff(person) {
    const mine = staffOf(this.#server);
    if (!mine || mine <= staffRole(person)) return [];
    const { nick } = person;
    return [
      rule(),
      choice("stop", "Mute on the server …", () => this.#serverMute(nick)),
      choice("leave", "Kick from the server …", () => this.#serverKick(nick)),
      choice("lock", "Ban from the server …", () => this.#serverBan(nick), { danger: true }),
    ];
  }

  #serverMute(nick) {
    const fields = [pick("For how long?", "duration", DURATIONS, "1h"), reason(`Why? ${nick} sees this.`)];
    const text = `${nick} can read every room, and can whisper to the moderators and nobody else.`;
    const mute = (more) => this.#wishes.do("gmute", filled({ target: nick, ...more }));
    ask(`Mute ${nick} on this server`, fields, `Mute ${nick}`, mute, { text });
  }

  #serverKick(nick) {
    const text = `${nick} is disconnected now, and can connect again.`;
    const kick = (more) => this.#wishes.do("gkick", filled({ target: nick, ...more }));
    ask(`Kick ${nick} from this server`, [reason(`Why? ${nick} sees this.`)], `Kick ${nick}`, kick, { text, danger: true });
  }

  #serverBan(nick) {
    const fields = [pick("For how long?", "duration", DURATIONS, "7d"), reason(`Why? ${nick} sees this.`)];
    const text = `${nick} is disconnected now, and cannot connect again until the ban ends. A guest is banned with the address.`;
    const ban = (more) => this.#wishes.do("gban", filled({ target: nick, ...more }));
    ask(`Ban ${nick} from this server`, fields, `Ban ${nick}`, ban, { text, danger: true });
  }

  async #isMuted({ nick, room }) {
    try {
      const { bans } = await this.#server.ask("bans", { room });
      return bans.some((each) => each.kind === "muted" && key(each.now ?? each.nick) === key(nick));
    } catch {
      return false;
    }
  }

  #roles({ nick, role }, given) {
    if (role === "owner") return [choice("key", "Remove owner", () => this.#wishes.try("deop", given))];
    return [
      role === "operator"
        ? choice("key", "Remove operator", () => this.#wishes.try("deop", given))
        : choice("key", "Make operator", () => this.#wishes.try("op", given)),
      choice("key", "Make owner …", () => this.#own(nick, given)),
    ];
  }

  /** Voice counts where the room is moderated. */
  #voice(room, { role }, given) {
    if (role === "voice") return [choice("key", "Take voice away", () => this.#wishes.try("unvoice", given))];
    return room?.moderated && role === "member" ? [choice("key", "Give voice", () => this.#wishes.try("voice", given))] : [];
  }

  #own(nick, given) {
    const text = `${nick} can then do everything in ${given.room} that you can. You cannot take that back.`;
    ask(`Make ${nick} an owner`, [], `Make ${nick} an owner`, () => this.#wishes.do("op", { ...given, role: "owner" }), {
      text,
      danger: true,
    });
  }

  #mute(given) {
    const { nick, room } = given;
    const fields = [pick("For how long?", "duration", DURATIONS, "10m"), reason("Why? Everyone in the room sees this.")];
    const text = `${nick} can read ${room} and cannot say anything there.`;
    ask(`Mute ${nick}`, fields, `Mute ${nick}`, (more) => this.#wishes.do("mute", filled({ ...given, ...more })), { text });
  }

  #kick(given) {
    const { nick, room } = given;
    const text = `${nick} leaves ${room} now, and can join again.`;
    const kick = (more) => this.#wishes.do("kick", filled({ ...given, ...more }));
    ask(`Kick ${nick}`, [reason("Why? Everyone in the room sees this.")], `Kick ${nick}`, kick, { text, danger: true });
  }

  #ban(given) {
    const { nick, room } = given;
    const fields = [pick("For how long?", "duration", DURATIONS, "7d"), reason("Why? Everyone in the room sees this.")];
    const text = `${nick} leaves ${room} now, and cannot join again until the ban ends.`;
    const ban = (more) => this.#wishes.do("ban", filled({ ...given, ...more }));
    ask(`Ban ${nick} from ${room}`, fields, `Ban ${nick}`, ban, { text, danger: true });
  }
}

/** Without what was left empty. */
export function filled(given) {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value.trim() !== ""));
}

/** Lists of bans and mutes, of a room or of the server, in which each can be lifted. */

import { list } from "./dialogs.js";
import { bdi, face, make } from "./dom.js";
import { moment } from "./sentences.js";

/** @param {{wishes: Wishes, toast: (text: string) => void}} acts */
export function roomBans(server, name, acts) {
  const fill = async (again) => {
    const { bans } = await server.ask("bans", { room: name });
    return bans.map(({ nick, now, kind, by, until, reason }) => {
      const now_ = now && now !== nick ? `, now called ${now}` : "";
      const lift = [kind === "banned" ? "unban" : "unmute", { nick, room: name }];
      return row(nick, kind, `${about(kind, until, by, reason)}${now_}`, lift, again, acts);
    });
  };
  list(`Bans and mutes in ${name}`, fill, `Nobody is banned from ${name} or muted there.`);
}

/** Those of the whole server, for its staff. */
export function serverBans(server, acts) {
  const fill = async (again) => {
    const { bans } = await server.ask("gbans");
    return bans.map(({ target, kind, by, until, reason }) => {
      const lift = [kind === "banned" ? "gunban" : "gunmute", { target }];
      return row(target, kind, about(kind, until, by, reason), lift, again, acts);
    });
  };
  list("Server bans and mutes", fill, "Nobody is banned from this server or muted on it.");
}

function about(kind, until, by, reason) {
  const end = Date.parse(until) ? `until ${moment(Date.parse(until))}` : "forever";
  return `${kind} ${end} by ${by}${reason ? `: ${reason}` : ""}`;
}

function row(who, kind, text, [word, given], again, { wishes, toast }) {
  const lift = async () => {
    await wishes.do(word, given).catch((error) => toast(error.message));
    await again();
  };
  const label = kind === "banned" ? "Lift ban" : "Unmute";
  const button = make("button.link", { type: "button", "aria-label": `${label}: ${who}`, onclick: lift }, label);
  const named = make("span.who", {}, bdi(who, "name"), make("span.state", { dir: "auto", title: text }, text));
  return make("li.row", {}, face(who, "small"), named, button);
}

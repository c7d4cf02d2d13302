/**
 * What the browser remembers. All of it is convenience: where storage is switched off, the page works without.
 *
 * A session (nickname, token, rooms) lives as long as the tab, in sessionStorage: it survives a reload and is gone with
 * the tab, as somebody on another's computer expects. Only who ticks "Keep me logged in" has it in localStorage. Whispers
 * are kept nowhere else, so they are in sessionStorage in either case. A password is never stored.
 */

const SESSION = "chatroom.session";
const WHISPERS = "chatroom.whispers";

function read(storage, key) {
  try {
    return JSON.parse(storage().getItem(key));
  } catch {
    return null;
  }
}

function write(storage, key, value) {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, JSON.stringify(value));
  } catch {
    // Full, or switched off.
  }
}

const tab = () => sessionStorage;
const device = () => localStorage;

/** @returns {{nick: string, token: ?string, rooms: string[], current: ?string, keep: boolean,
 *   ignored: string[]} | null} */
export function readSession() {
  const found = read(tab, SESSION) ?? read(device, SESSION);
  return found && typeof found.nick === "string" ? found : null;
}

export function writeSession(session) {
  write(tab, SESSION, session);
  if (session.keep) write(device, SESSION, session);
}

export function forgetSession() {
  write(tab, SESSION, null);
  write(device, SESSION, null);
  write(tab, WHISPERS, null);
}

/** Whispers of this tab, by correspondent: {nick, lines: [{mine, text, at}]}. */
export function readWhispers(nick) {
  const found = read(tab, WHISPERS);
  return found?.nick === nick && Array.isArray(found.talks) ? found.talks : [];
}

export function writeWhispers(nick, talks) {
  write(tab, WHISPERS, { nick, talks });
}

export function readChoice(name) {
  try {
    return localStorage.getItem(`chatroom.${name}`);
  } catch {
    return null;
  }
}

export function writeChoice(name, value) {
  try {
    if (value === null) localStorage.removeItem(`chatroom.${name}`);
    else localStorage.setItem(`chatroom.${name}`, value);
  } catch {
    // Then it holds until the page is closed.
  }
}

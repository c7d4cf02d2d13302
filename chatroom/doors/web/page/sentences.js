/**
 * What happened, as a sentence: the same words that chatroom/sentences.py has for people in a terminal. A test of the page
 * compares both, event by event.
 *
 * A sentence is a list of parts: strings, and {nick} for names and {text} for what somebody wrote, which are shown so that
 * they cannot turn the direction of the words around them. What happened to the reader is in the second person.
 */

import { fold } from "./calls.js";

const ROLES = { __proto__: null, owner: "an owner", operator: "an operator" };
const STAFF = { __proto__: null, moderator: "a moderator of this server", admin: "an admin of this server" };

const who = (nick) => ({ nick });
const because = (reason) => (reason ? [": ", { text: reason }] : ["."]);
/** The same before another sentence. */
const ended = (reason) => (reason && !/[.!?]$/.test(reason) ? [": ", { text: reason }, "."] : because(reason));
const until = (event) => (Date.parse(event.until) ? ` until ${moment(Date.parse(event.until))}` : "");

const LEVELS = {
  __proto__: null,
  guests: "new guests cannot connect",
  accounts: "new accounts cannot be created",
  registered: "new guests cannot connect, and new accounts cannot be created",
};

const TOPIC_BY = { __proto__: null, members: "every member", operators: "only operators" };

const pace = (seconds) => (seconds === 1 ? "second" : count(seconds, "second"));

const lockdown = (e) =>
  e.level in LEVELS
    ? [` locked this server down${until(e)}, so ${LEVELS[e.level]}`, ...because(e.reason)]
    : [" ended the lockdown of this server: everyone can connect."];

const reported = (e) => [
  `Report ${e.number}: `,
  who(e.nick),
  " reported ",
  e.who ? who(e.who) : e.where,
  e.who && e.where ? ` in ${e.where}` : "",
  ...because(e.reason),
];

const SENTENCES = {
  __proto__: null, // an event may be called like what every object has
  joined: (e) => [who(e.nick), e.bot ? " (bot) joined." : " joined."],
  left: (e) => [who(e.nick), e.gone ? " left the chat" : " left the room", ...because(e.reason)],
  renamed: (e) => [who(e.nick), " is now called ", who(e.new), "."],
  "room-created": (e) => [who(e.nick), " created the room."],
  "room-closed": () => ["The room is closed."],
  topic: (e) => (e.text ? [who(e.nick), " set the topic: ", { said: e.text }] : [who(e.nick), " removed the topic."]),
  "room-password": (e) => [who(e.nick), e.on ? " set a password for the room." : " removed the password of the room."],
  "invite-only": (e) => [
    who(e.nick),
    e.on ? " made the room invite-only." : " opened the room to everyone.",
  ],
  slow: (e) =>
    e.seconds
      ? [who(e.nick), ` turned on slow mode: each person can send one line every ${pace(e.seconds)}.`]
      : [who(e.nick), " turned off slow mode."],
  moderated: (e) => [
    who(e.nick),
    e.on ? " made the room moderated: only people with voice can talk." : " lets everyone in the room talk.",
  ],
  unlisted: (e) => [who(e.nick), e.on ? " took the room off the list of rooms." : " put the room on the list of rooms."],
  capacity: (e) =>
    e.people
      ? [who(e.nick), ` limited the room to ${count(e.people, "person", "people")}.`]
      : [who(e.nick), " removed the limit of people in the room."],
  locked: (e) => [who(e.nick), " locked the room", until(e), ...because(e.reason)],
  unlocked: (e) => [who(e.nick), " unlocked the room."],
  lockdown: (e) => [who(e.nick), ...lockdown(e)],
  staff: (e) =>
    e.role in STAFF
      ? [who(e.nick), " made ", who(e.who), ` ${STAFF[e.role]}.`]
      : [who(e.nick), " removed the role that ", who(e.who), " had on this server."],
  bot: (e) => [who(e.who), e.on ? " is now marked as a bot." : " is no longer marked as a bot."],
  audit: (e) => ["Staff log: ", who(e.nick), `, ${e.act} `, who(e.target), ...(e.detail ? [" (", { text: e.detail }, ")"] : [])],
  "operators-told": (e) => [who(e.nick), ` to the operators of ${e.to}: `, { said: e.text }],
  wallops: (e) => [who(e.nick), e.acts_as ? ` (as ${e.acts_as})` : "", " to all staff: ", { said: e.text }],
  report: reported,
  "report-closed": (e) => [
    who(e.nick),
    ` closed report ${e.number} by `,
    who(e.to),
    " about ",
    who(e.who),
    ...because(e.reason),
  ],
  invited: (e) => [who(e.nick), " invited ", who(e.who), "."],
  uninvited: (e) => [who(e.who), " is no longer invited."],
  admitted: (e) => [
    who(e.nick),
    e.on ? " lets " : " no longer lets ",
    who(e.who),
    " join the room at any time.",
  ],
  role: (e) =>
    e.role in ROLES
      ? [who(e.nick), " made ", who(e.who), ` ${ROLES[e.role]}.`]
      : e.role === "voice"
        ? [who(e.nick), " gave ", who(e.who), " voice."]
        : [who(e.nick), " removed the role that ", who(e.who), " had in the room."],
  "topic-rule": (e) => [who(e.nick), ` lets ${TOPIC_BY[e.by] ?? e.by} set the topic.`],
  kicked: (e) => [who(e.nick), " kicked ", who(e.who), ...because(e.reason)],
  muted: (e) => [who(e.nick), " muted ", who(e.who), until(e), ...because(e.reason)],
  unmuted: (e) => [who(e.nick), " unmuted ", who(e.who), "."],
  banned: (e) => [who(e.nick), " banned ", who(e.who), until(e), ...because(e.reason)],
  unbanned: (e) => [who(e.nick), " unbanned ", who(e.who), "."],
};

/** How the reason of a kick begins where the room is closed, so that nobody can return: ROOM_CLOSED in chatroom/events.py. */
const ROOM_CLOSED = "the room was closed";

const yourRoom = (e) => ({ text: e.room });

const kicked = (e) =>
  e.reason?.startsWith(ROOM_CLOSED)
    ? because(e.reason)
    : [...ended(e.reason), " /join ", yourRoom(e), " lets you return."];

/** What the person reads to whom it happened. */
const TO_YOU = {
  __proto__: null,
  invited: (e) => [who(e.nick), " invited you to ", yourRoom(e), ": /join ", yourRoom(e)],
  uninvited: (e) => ["Your invitation to ", yourRoom(e), " was withdrawn."],
  admitted: (e) =>
    e.on
      ? [who(e.nick), " lets you join ", yourRoom(e), " at any time: /join ", yourRoom(e)]
      : [who(e.nick), " no longer lets you join ", yourRoom(e), " at any time."],
  role: (e) =>
    e.role in ROLES
      ? [who(e.nick), ` made you ${ROLES[e.role]} of `, yourRoom(e), "."]
      : e.role === "voice"
        ? [who(e.nick), " gave you voice in ", yourRoom(e), ": you can talk, even if the room is moderated."]
        : [who(e.nick), " removed your role in ", yourRoom(e), "."],
  kicked: (e) => [who(e.nick), " kicked you from ", yourRoom(e), ...kicked(e)],
  muted: (e) => [who(e.nick), " muted you in ", yourRoom(e), until(e), ...because(e.reason)],
  unmuted: (e) => [who(e.nick), " unmuted you in ", yourRoom(e), ": you can talk again."],
  banned: (e) => [who(e.nick), " banned you from ", yourRoom(e), until(e), ...because(e.reason)],
  unbanned: (e) => [who(e.nick), " unbanned you from ", yourRoom(e), ": /join ", yourRoom(e)],
  staff: (e) =>
    e.role in STAFF
      ? [who(e.nick), ` made you ${STAFF[e.role]}.`]
      : [who(e.nick), " removed your role on this server."],
  bot: (e) => [e.on ? "You are now marked as a bot." : "You are no longer marked as a bot."],
  "report-closed": (e) => [who(e.nick), ` closed your report ${e.number} about `, who(e.who), ...because(e.reason)],
};

/** The nickname of the person to whom something personal happened. */
const concerned = (event) => (event.event === "report-closed" ? event.to : event.who) ?? "";

/** @param {string} reader the nickname of the person who reads it */
export function sentence(event, reader = "") {
  if (reader && event.event in TO_YOU && fold(concerned(event)) === fold(reader)) return TO_YOU[event.event](event);
  return SENTENCES[event.event]?.(event) ?? [who(event.nick ?? ""), `: ${event.event}`];
}

/** A run of people coming and going, in one sentence: "bob and carol joined, dora left." */
export function comings(events) {
  const last = new Map();
  for (const event of events) {
    last.delete(event.nick);
    last.set(event.nick, event.event);
  }
  const joined = [...last].filter(([, what]) => what === "joined").map(([nick]) => nick);
  const left = [...last].filter(([, what]) => what === "left").map(([nick]) => nick);
  const parts = [];
  if (joined.length) parts.push(...names(joined), " joined");
  if (joined.length && left.length) parts.push(", ");
  if (left.length) parts.push(...names(left), " left");
  return [...parts, "."];
}

function names(nicks) {
  const shown = nicks.length > 4 ? nicks.slice(0, 3) : nicks;
  const more = nicks.length - shown.length;
  const parts = shown.flatMap((nick, at) => {
    const glue = at === 0 ? "" : at === shown.length - 1 && !more ? " and " : ", ";
    return glue ? [glue, who(nick)] : [who(nick)];
  });
  return more ? [...parts, ` and ${more} more`] : parts;
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export const time = (at) => TIME.format(at);
export const moment = (at) => FULL.format(at);

/** "Today", "Yesterday", or the date. */
export function day(at, now = Date.now()) {
  if (sameDay(at, now)) return "Today";
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  return sameDay(at, yesterday) ? "Yesterday" : DAY.format(at);
}

export function sameDay(one, other) {
  return new Date(one).toDateString() === new Date(other).toDateString();
}

export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString()} ${number === 1 ? one : many}`;
}

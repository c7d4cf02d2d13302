/**
 * What somebody may do, by the rules that the server decides by (chatroom/core/room_moderation.py): the page offers nothing
 * that would be refused. Knows people and rooms, and nothing of the screen.
 */

import { key } from "./room.js";

export const MEMBER = 1;
const VOICE = 2;
export const OPERATOR = 3;
export const OWNER = 4;

const ROLES = { __proto__: null, member: MEMBER, voice: VOICE, operator: OPERATOR, owner: OWNER };
const STAFF = { __proto__: null, moderator: 1, admin: 2 };

/** What I am on the server: 0, 1 for a moderator, 2 for an admin. The server lists each its own commands (/help). */
export function staffOf(server) {
  if (server.words.find("promote")) return STAFF.admin;
  return server.words.find("gban") ? STAFF.moderator : 0;
}

/** What somebody else is on the server: 0, 1 for a moderator, 2 for an admin. */
export const staffRole = (person) => STAFF[person.staff] ?? 0;

/** What I may do in a room: what I am there or, if that is more, on the server. */
export function powerIn(server, room) {
  return Math.max(ROLES[room.role] ?? 0, [0, OPERATOR, OWNER][staffOf(server)]);
}

/** Whether I may act against somebody in a room: they are neither above me nor my equal. */
export function outranks(server, room, person) {
  if (key(person.nick) === key(server.me.nick)) return false;
  const [mine, theirs] = [staffOf(server), staffRole(person)];
  return rank(room.role, mine) > Math.max(rank(person.role, theirs), MEMBER);
}

function rank(role, staff) {
  return staff ? OWNER + staff : (ROLES[role] ?? 0);
}

/** Whether I may set the topic of a room. */
export function setsTopic(server, room) {
  return !room.out && (room.topicBy !== "operators" || powerIn(server, room) >= OPERATOR);
}

/**
 * What was said before, fetched by number: further up, around a line that was found, or while one was not connected. In the
 * last case, what was being sent is looked for there, and only what is not there is sent again. So nothing is lost and
 * nothing is said twice, also if the server was killed.
 */

import { entryOf } from "./room.js";

const PAGE = 200; // events asked for at once
const MOST = 1000; // of one hole that are fetched unasked; of a larger one, the newest page
const AROUND = 20; // events behind a line that was found

/**
 * Fill every hole that is not too large, and the end of those that are.
 *
 * @param found told of each line of talk that was not known here
 * @returns those of them that this person said
 */
export async function fillHoles(server, room, found = () => {}) {
  const line = room.timeline;
  const added = [];
  for (const hole of line.entries.filter((entry) => entry.kind === "hole" && !entry.lost && !entry.left)) {
    const large = hole.last - hole.first >= MOST;
    added.push(...(large ? await newest(server, room, hole) : await fill(server, room, hole)));
  }
  for (const entry of added) if (entry.kind !== "event") found(entry);
  return added.filter((entry) => entry.mine);
}

/** Fill one hole from its beginning, up to `most` events. What is left of it is there for another time. */
export async function fill(server, room, hole, most = MOST) {
  const line = room.timeline;
  const added = [];
  let rest = hole;
  for (let fetched = 0; fetched < most; fetched += PAGE) {
    const page = await server.ask("history", { room: room.name, since: rest.first - 1, limit: PAGE, talk: false });
    const { last } = rest;
    line.remove(rest);
    if (page.gap) line.hole(Math.max(rest.first, page.gap[0]), Math.min(last, page.gap[1]), true);
    const events = page.events.filter((event) => event.seq <= last);
    added.push(...insert(server, room, events));
    const reached = events.at(-1)?.seq ?? last;
    if (!page.more || reached >= last) break;
    rest = line.hole(reached + 1, last);
    rest.left = fetched + PAGE >= most;
  }
  return added;
}

async function newest(server, room, hole) {
  const line = room.timeline;
  const page = await server.ask("history", { room: room.name, before: hole.last + 1, limit: PAGE, talk: false });
  const events = page.events.filter((event) => event.seq >= hole.first);
  line.remove(hole);
  const rest = line.hole(hole.first, (events[0]?.seq ?? hole.last + 1) - 1);
  if (rest) rest.left = true;
  return insert(server, room, events);
}

function insert(server, room, events) {
  return events.map((event) => room.timeline.add(entryOf(event, server.me.nick))).filter((entry) => entry !== null);
}

/** Fetch what was said before what is here. */
export async function older(server, room) {
  const line = room.timeline;
  const page = await server.ask("history", { room: room.name, before: line.first || line.heard + 1 });
  insert(server, room, page.events);
  line.complete = !page.more;
}

/** Make sure that a line found by its number is here, with what was said around it. */
export async function reach(server, room, seq) {
  const line = room.timeline;
  if (line.has(seq)) return;
  const first = line.first || line.heard + 1;
  const page = await server.ask("history", { room: room.name, before: seq + AROUND });
  const events = page.events.filter((event) => event.seq < first);
  insert(server, room, events);
  line.complete = !page.more;
  const gap = events.length ? line.hole(events.at(-1).seq + 1, first - 1) : null;
  if (gap) gap.left = true;
}

/** What is still being sent, and is not among what was found to be said. Found ones are taken off. */
export function stillUnsaid(room, mine) {
  const found = [...mine];
  return room.timeline.unsent().filter((entry) => {
    const at = found.findIndex((said) => said.kind === entry.kind && bare(said.text) === bare(entry.text));
    if (at < 0) return true;
    found.splice(at, 1);
    room.timeline.remove(entry);
    return false;
  });
}

/** A text without what the server may have cleaned away. */
function bare(text) {
  return text.replace(/[\p{C}\p{Z}]+/gu, "");
}

/**
 * The timeline on the screen: entries become list items, in order, and the place one reads at stays where it is while
 * lines come in below or above.
 *
 * It is long because whatever changes what is seen (a line, a window, a font, a finger) asks one question: what must stay
 * where it is.
 */

import { bdi, find, make } from "./dom.js";
import { asItem } from "./entries.js";
import { older } from "./history.js";
import { Room } from "./room.js";
import { comings, count, day, sameDay, sentence } from "./sentences.js";
import { told } from "./text.js";

const TOGETHER = 5 * 60_000; // ms between lines of one person that are shown under one name
const NEAR = 80; // px from the end that still count as the end
const BY_HAND = 700; // ms after a wheel, a finger or a key has moved in which scrolling is theirs
const MOST = 1200; // entries on the screen; older ones can be scrolled back to

export class Lines {
  #box = find("#lines");
  #list = find("#lines ol");
  #end = find("#to-end");
  #items = new Map(); // entry to its list item
  #server;
  #edit;
  #target = null;
  #atEnd = true;
  #fresh = null; // the line that says what is new, as long as one has not moved away from it
  #top = 0; // where it was scrolled to last
  #size = ""; // how much there was to scroll then, and in how high a box
  #byHand = -Infinity; // when one scrolled last
  #anchor = null; // what must not move: [item, its distance from the top of the box]
  #settling = false;
  #loading = false;
  #unseen = 0;

  /** @param {(text: string) => void} edit puts back what was refused */
  constructor(server, edit) {
    this.#server = server;
    this.#edit = edit;
    this.#box.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#end.addEventListener("click", () => this.toEnd());
    for (const type of ["wheel", "touchmove", "pointerdown", "keydown"]) {
      this.#box.addEventListener(type, () => (this.#byHand = performance.now()), { passive: true });
    }
    // The box changes with the window, a panel, what one writes; what is in it with fonts and whatever else comes late.
    const observer = new ResizeObserver(() => this.#stay());
    for (const each of [this.#box, this.#list, find("#begin")]) observer.observe(each);
  }

  /** Show another timeline. */
  show(target) {
    if (this.#target) this.#target.timeline.onchange = () => {};
    this.#target = target;
    if (!target) {
      this.#list.replaceChildren();
      return;
    }
    target.timeline.onchange = (what, entry) => this.#change(what, entry);
    this.redraw();
    this.toEnd();
    this.#fresh = this.#list.querySelector(".fresh");
    this.#stay();
    this.#scrolled();
  }

  /** However the page has been laid out anew: stay at the end, or at what is new, until one scrolls. */
  #stay() {
    this.#fresh &&= this.#list.querySelector(".fresh"); // it is made anew by what comes beside it
    if (this.#fresh) {
      this.#fresh.scrollIntoView({ block: "center" });
      this.#atEnd = this.#distance() < NEAR;
      this.#measure();
      this.#drawEnd();
    } else if (this.#atEnd) this.toEnd();
  }

  /** Pixels between the end of what is seen and the end of all. */
  #distance() {
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    return scrollHeight - scrollTop - clientHeight;
  }

  #measure() {
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    this.#top = scrollTop;
    this.#size = `${scrollHeight} ${clientHeight}`;
  }

  redraw() {
    this.#items.clear();
    const entries = this.#target.timeline.entries;
    this.#list.replaceChildren(...entries.map((entry) => this.#item(entry)));
    entries.forEach((_, at) => this.#decorate(at));
    this.#begin();
  }

  /** Fetch a page of older lines before the room is shown: those that came later would push the others down. */
  filled() {
    return this.#older();
  }

  toEnd() {
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#measure();
    this.#fresh = null;
    this.#atEnd = true;
    this.#unseen = 0;
    this.#drawEnd();
  }

  page(direction) {
    this.#byHand = performance.now();
    this.#box.scrollBy({ top: direction * this.#box.clientHeight * 0.85 });
  }

  /** Bring a line into view and point at it. */
  point(seq) {
    const entry = this.#target.timeline.entries.find((each) => each.seq === seq && each.kind !== "note");
    const item = this.#items.get(entry);
    if (!item) return;
    this.#fresh = null;
    item.scrollIntoView({ block: "center" });
    item.classList.remove("pointed");
    requestAnimationFrame(() => item.classList.add("pointed"));
    item.tabIndex = -1;
    item.focus({ preventScroll: true });
  }

  // Changes.

  #change(what, entry) {
    this.#holdStill();
    const entries = this.#target.timeline.entries;
    if (what === "reset") {
      this.redraw();
    } else if (what === "remove") {
      this.#items.get(entry)?.remove();
      this.#items.delete(entry);
      this.#decorateAround(
        entries.findIndex((each) => each.seq > entry.seq || (each.seq === entry.seq && each.sub > entry.sub)),
      );
    } else if (what === "update") {
      const old = this.#items.get(entry);
      old.replaceWith(this.#item(entry));
      this.#decorateAround(entries.indexOf(entry));
    } else {
      const at = entries.indexOf(entry);
      const next = entries.slice(at + 1).find((each) => this.#items.has(each));
      this.#list.insertBefore(this.#item(entry), next ? this.#items.get(next) : null);
      this.#decorateAround(at);
      if (entry.state === "sending") this.#atEnd = true;
      if (at !== entries.length - 1) return;
      if (this.#atEnd) this.#fresh = null; // what is new is in sight, and what comes is followed
      else if (entry.kind !== "event" && !entry.mine && !this.#isHidden(entry)) this.#unseen += 1;
    }
  }

  /** Whatever changes in this turn, the line at the top of the window stays there; at the end, one stays at the end. */
  #holdStill() {
    if (this.#settling) return;
    this.#settling = true;
    if (!this.#atEnd) {
      const top = this.#box.getBoundingClientRect().top;
      const item = [...this.#list.children].find((each) => each.getBoundingClientRect().bottom > top);
      this.#anchor = item ? [item, item.getBoundingClientRect().top] : null;
    }
    requestAnimationFrame(() => this.#settle()); // once, however much comes until the next picture
  }

  #settle() {
    this.#settling = false;
    if (!this.#target) return;
    this.#begin();
    if (this.#fresh) this.#stay();
    else if (this.#atEnd) {
      if (this.#target.timeline.entries.length > MOST + 200) this.#target.timeline.trim(MOST);
      this.toEnd();
    } else if (this.#anchor?.[0].isConnected) {
      this.#box.scrollTop += this.#anchor[0].getBoundingClientRect().top - this.#anchor[1];
      this.#measure();
    }
    this.#drawEnd();
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    const isOurs = scrollTop === this.#top;
    // What is laid out anew scrolls as well. Only somebody who scrolls up leaves the end, or what is new.
    const isLayout = this.#size !== `${scrollHeight} ${clientHeight}` && performance.now() - this.#byHand > BY_HAND;
    if (!isOurs && isLayout) this.#stay();
    else if (!isOurs) {
      this.#fresh = null;
      if (this.#distance() < NEAR) this.#atEnd = true;
      else if (scrollTop < this.#top) this.#atEnd = false;
    }
    this.#measure();
    if (this.#atEnd) this.#unseen = 0;
    this.#drawEnd();
    if (this.#box.scrollTop < 400 && this.#box.clientHeight) this.#older(); // while it is hidden, it is always at the top
  }

  async #older() {
    const target = this.#target;
    if (this.#loading || !(target instanceof Room) || target.timeline.complete || target.out) return;
    this.#loading = true;
    try {
      await older(this.#server, target);
    } catch {
      return; // when we are back, scrolling asks again
    } finally {
      this.#loading = false;
    }
    await new Promise(requestAnimationFrame);
    if (target !== this.#target) return;
    this.#begin();
    this.#scrolled(); // still near the top: more
  }

  #drawEnd() {
    this.#end.hidden = this.#atEnd;
    find("span", this.#end).textContent = this.#unseen ? count(this.#unseen, "new line") : "Newest";
  }

  /** What stands above the first line. */
  #begin() {
    const { timeline } = this.#target;
    const begin = find("#begin");
    const isRoom = this.#target instanceof Room;
    begin.hidden = !timeline.complete;
    find("h3", begin).replaceChildren(...(isRoom ? [this.#target.name] : ["Whispers with ", bdi(this.#target.nick)]));
    find("p", begin).textContent = isRoom
      ? "This is the beginning of the room. Messages are saved, and everyone who can join can read them."
      : "Only the two of you can read this. Whispers are in no room's history, and this page forgets them when you close it.";
    find("#empty").hidden = timeline.entries.length > 0 || timeline.complete;
  }

  #item(entry) {
    const made = asItem(entry, { server: this.#server, target: this.#target, edit: this.#edit });
    made.hidden = this.#isHidden(entry);
    this.#items.set(entry, made);
    return made;
  }

  /** What those say who are ignored. Its numbers are needed, so that nothing seems to be missing. */
  #isHidden(entry) {
    return (entry.kind === "said" || entry.kind === "acted") && !entry.mine && this.#server.ignores(entry.nick);
  }

  // What an entry looks like because of those around it.

  #decorateAround(at) {
    const entries = this.#target.timeline.entries;
    if (at < 0) at = entries.length - 1;
    let from = Math.max(0, at - 1);
    while (from > 0 && isComing(entries[from])) from -= 1;
    let to = Math.min(entries.length - 1, at + 1);
    while (to < entries.length - 1 && isComing(entries[to])) to += 1;
    for (let each = from; each <= to; each += 1) this.#decorate(each);
  }

  #decorate(at) {
    const entries = this.#target.timeline.entries;
    const entry = entries[at];
    if (this.#isHidden(entry)) return;
    const before = this.#before(entries, at);
    const item = this.#items.get(entry);
    if (!item) return;
    find(":scope > .day", item)?.remove();
    find(":scope > .fresh", item)?.remove();
    const fresh = this.#isFirstNew(entry, entries, at);
    const newDay = entry.at && !sameDay(entry.at, this.#before(entries, at, (each) => each.at)?.at ?? 0);
    if (newDay) item.prepend(make("div.day", {}, make("span", {}, day(entry.at))));
    if (fresh) item.prepend(make("div.fresh", { role: "separator" }, make("span", {}, "New")));
    const joined = before && entry.kind === "said" && before.kind === "said" && before.nick === entry.nick;
    item.classList.toggle("follows", Boolean(joined && !newDay && !fresh && entry.at - before.at < TOGETHER));
    if (isComing(entry)) this.#drawRun(entries, at, newDay);
  }

  /** The next entry above that is seen, and of which this is true. */
  #before(entries, at, isWanted = () => true) {
    for (let above = at - 1; above >= 0; above -= 1) {
      if (!this.#isHidden(entries[above]) && isWanted(entries[above])) return entries[above];
    }
    return null;
  }

  #isFirstNew(entry, entries, at) {
    const { newAfter } = this.#target;
    const isNew = (each) => each.seq > newAfter && !each.mine && each.kind !== "note" && !this.#isHidden(each);
    return newAfter !== null && isNew(entry) && !entries.slice(0, at).some(isNew);
  }

  /** People who come and go one after the other are one line, at the place of the first. */
  #drawRun(entries, at, newDay) {
    const item = this.#items.get(entries[at]);
    const first = newDay || !isComing(entries[at - 1]);
    item.hidden = !first;
    if (!first) return;
    let end = at + 1;
    while (end < entries.length && isComing(entries[end]) && sameDay(entries[end].at, entries[at].at)) end += 1;
    const run = entries.slice(at, end).map((each) => each.event);
    const parts = run.length === 1 ? sentence(run[0]) : comings(run);
    find(".told", item).replaceChildren(...told(parts));
  }
}

function isComing(entry) {
  return entry?.kind === "event" && (entry.event.event === "joined" || entry.event.event === "left");
}


/**
 * What was said in one room, or with one person, in order and without repetition. Knows nothing of how it is shown.
 *
 * An entry is one of
 *   {kind: "said" | "acted", nick, text, at, mine, state}   state: "", "sending" or "failed", then with `why`
 *   {kind: "event", event, at}                              what the server told, such as somebody joining
 *   {kind: "note", lines, at}                               for this person alone
 *   {kind: "hole", first, last, lost, left}                 numbers we do not have. lost: nobody has; left: fetched
 *                                                           only when this person wishes
 * Times are milliseconds since 1970. What has a number (`seq`) stands in the order of numbers. What has none stands
 * behind the last number there was when it came, and what is still being sent behind everything.
 */

let lastKey = 0;

function compare(a, b) {
  return a.seq - b.seq || a.sub - b.sub;
}

export class Timeline {
  entries = [];
  /** Nothing was said before the first entry. */
  complete = false;
  /** The highest number up to which everything was heard, or fills a hole that is on record. */
  heard = 0;
  /** Told of each change, as (what, entry): "add", "remove", "update", "reset". */
  onchange = () => {};

  #numbers = new Set();
  #sub = 0;

  get first() {
    return this.entries.find((entry) => entry.seq > 0 && entry.kind !== "note")?.seq ?? 0;
  }

  get last() {
    return this.entries.findLast((entry) => Number.isFinite(entry.seq))?.seq ?? 0;
  }

  has(seq) {
    return this.#numbers.has(seq);
  }

  /** @returns the entry, or null if it is here already */
  add(entry) {
    if (entry.seq && Number.isFinite(entry.seq) && entry.kind !== "hole") {
      if (this.#numbers.has(entry.seq)) return null;
      this.#numbers.add(entry.seq);
      entry.sub = 0;
    } else {
      entry.seq ??= this.last;
      entry.sub ??= ++this.#sub;
    }
    entry.key = ++lastKey;
    this.#insert(entry);
    this.onchange("add", entry);
    return entry;
  }

  /** Something that is being sent. */
  send(entry) {
    return this.add({ ...entry, seq: Infinity, sub: ++this.#sub, mine: true, state: "sending" });
  }

  /** It is kept, as this number. Without a number, it stands where it was said. */
  sent(entry, seq, at) {
    this.remove(entry);
    if (seq && this.#numbers.has(seq)) return;
    entry.state = "";
    entry.at = at;
    entry.seq = seq || this.last;
    entry.sub = seq ? 0 : ++this.#sub;
    if (seq) this.#numbers.add(seq);
    this.#insert(entry);
    this.onchange("add", entry);
  }

  update(entry) {
    if (this.entries.includes(entry)) this.onchange("update", entry);
  }

  remove(entry) {
    const at = this.entries.indexOf(entry);
    if (at < 0) return;
    this.entries.splice(at, 1);
    this.onchange("remove", entry);
  }

  /** Numbers that are missing. @returns the entry, or null where there are none */
  hole(first, last, lost = false) {
    return first <= last ? this.add({ kind: "hole", first, last, lost, seq: first, sub: -1 }) : null;
  }

  unsent() {
    return this.entries.filter((entry) => entry.seq === Infinity && entry.state === "sending");
  }

  clear() {
    const waiting = this.entries.filter((entry) => entry.seq === Infinity);
    this.entries = waiting;
    this.#numbers.clear();
    this.complete = false;
    this.heard = 0;
    this.onchange("reset");
  }

  /** Forget all but the last so many: they can be read again by scrolling up. */
  trim(most) {
    if (this.entries.length <= most) return;
    for (const entry of this.entries.splice(0, this.entries.length - most)) this.#numbers.delete(entry.seq);
    this.complete = false;
    this.onchange("reset");
  }

  #insert(entry) {
    let at = this.entries.length;
    while (at > 0 && compare(this.entries[at - 1], entry) > 0) at -= 1;
    this.entries.splice(at, 0, entry);
  }
}

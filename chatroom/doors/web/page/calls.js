/**
 * Where a text calls somebody by their nickname. chatroom/client/mentions.py does the same in Python, and says why;
 * tests/vectors/mentions.json says what both find.
 *
 * A text is taken apart into units: a character with its marks, from `start` to `end`, the `key` it is compared by and its
 * `kind`.
 */

const SPACELESS = new RegExp(
  "[\u0e00-\u0eff\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f\u1780-\u17ff" + // Thai, Lao, Myanmar, Khmer
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff" + // kana, Bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f" + // Han, kana of half width
    "\u{1aff0}-\u{1b16f}\u{20000}-\u{3ffff}]",
  "u",
);
const SIGN = /^[.\-\u2010\u2011\uff0e\uff0d\u00b7\u2027\u05f4]/u;
const APOSTROPHE = /^['\u2019\uff07]/u;
const COMMA = /^[,;\u066b\u066c]/u;
const VOWEL = /^[aeiouy]/u;
const STACKER = /[\u1039\u17d2]$/u; // behind these, the next letter of Myanmar or Khmer stands below the one before
const EXTENDS =
  /^(?:(?!\u200b)[\p{M}\p{Cf}\u0e33\u0eb3\u1160-\u11ff\ud7b0-\ud7ff\uff9e\uff9f\u{1f3fb}-\u{1f3ff}])$/u;
const UNSEEN = /[\p{Cf}\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;
const WORD = new Set(["letter", "spaceless", "digit", "connector"]);

/** @returns {Array<[number, number]>} the start and the end of each place, in order */
export function calls(text, nick) {
  const wanted = units(nick)
    .map((unit) => unit.key)
    .join("");
  if (!wanted) return [];
  const all = units(text);
  const places = new Map();
  let length = 0;
  all.forEach((unit, number) => {
    places.set(length, number);
    length += unit.key.length;
  });
  places.set(length, all.length);
  const whole = all.map((unit) => unit.key).join("");
  const found = [];
  for (let at = whole.indexOf(wanted); at >= 0; at = whole.indexOf(wanted, at)) {
    const first = places.get(at);
    const behind = places.get(at + wanted.length);
    if (first === undefined || behind === undefined || joinedBefore(all, first) || joinedBehind(all, behind)) {
      at += 1;
    } else {
      found.push([all[first].start, all[behind - 1].end]);
      at += wanted.length;
    }
  }
  return found;
}

function units(text) {
  const found = [];
  let at = 0;
  for (const character of text) {
    const last = found.at(-1);
    if (last && (EXTENDS.test(character) || STACKER.test(text.slice(last.start, at)))) last.end = at + character.length;
    else found.push({ start: at, end: at + character.length, kind: kindOf(character) });
    at += character.length;
  }
  for (const unit of found) unit.key = keyOf(text.slice(unit.start, unit.end));
  return found;
}

/**
 * What two ways of writing a name have in common, as chatroom/folding.py has it. Upper case and then lower is what is nearest
 * to Unicode's folding; the German capital \u1e9e has no upper case, and the dot of \u0130 is no letter.
 */
export function fold(name) {
  const plain = name.normalize("NFKC").replaceAll("\u1e9e", "ss");
  const folded = plain.replace(/[^\u0131]+/gu, (part) => part.toUpperCase().toLowerCase().replaceAll("\u03c2", "\u03c3"));
  return folded.normalize("NFKC").replaceAll("i\u0307", "i");
}

/** What a character is compared by; never empty. */
function keyOf(unit) {
  return fold(unit).replace(UNSEEN, "") || "\0";
}

function kindOf(character) {
  if (SIGN.test(character)) return "sign";
  if (APOSTROPHE.test(character)) return "apostrophe";
  if (COMMA.test(character)) return "comma";
  if (/^\p{Pc}/u.test(character)) return "connector";
  if (!/^[\p{L}\p{M}\p{Nd}\p{Nl}]/u.test(character)) return "other";
  if (SPACELESS.test(character)) return "spaceless";
  return /^\p{Nd}/u.test(character) ? "digit" : "letter";
}

/** Whether two units of words, side by side, are of one word. */
function together(one, other) {
  if (one.kind === "connector" || other.kind === "connector") return true;
  return one.kind !== "spaceless" && other.kind !== "spaceless";
}

/** Whether the name that begins here is the end of a longer word. */
function joinedBefore(all, first) {
  if (first === 0) return false;
  const [before, name, more] = [all[first - 1], all[first], all[first - 2]];
  if (WORD.has(before.kind)) return together(before, name);
  if (!more || !WORD.has(more.kind)) return false;
  if (before.kind === "comma") return more.kind === "digit" && name.kind === "digit";
  if (before.kind === "apostrophe") return !VOWEL.test(name.key.normalize("NFD"));
  return before.kind === "sign";
}

/** Whether the name that ends here is the beginning of a longer word. */
function joinedBehind(all, behind) {
  if (behind === all.length) return false;
  const [name, after, more] = [all[behind - 1], all[behind], all[behind + 1]];
  if (WORD.has(after.kind)) return together(name, after);
  if (!more || !WORD.has(more.kind)) return false;
  if (after.kind === "comma") return more.kind === "digit" && name.kind === "digit";
  return after.kind === "sign";
}

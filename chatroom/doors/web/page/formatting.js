/**
 * Formatting in a text: a small part of Markdown, read as spans. chatroom/client/formatting.py does the same in Python, and
 * says what is formatted and why; tests/vectors/formatting.json says what both find.
 *
 * A span is {text, styles, link}: styles are "bold", "italic", "struck", "code", "block", and "where" for what is not in the
 * text and says where the link before it leads; link is an address or "".
 */

import { EMOJI } from "./emoji.js";
import { links } from "./links.js";

const MOST = 400; // pieces that are formatted; what is behind them stays as typed
const LONGEST_LABEL = 200; // characters of the text of a named link
const TICKS = /`+/gu;
const LANGUAGE = /^[A-Za-z0-9+#.-]{1,20}\n/u;
const BLANK = /^[\p{Z}\p{Cc}]*$/u;
const SIGNS = /:([a-z0-9_+-]{1,24}):|\*+|_+|~+/gu;
const HOST = /^https?:\/\/(?:[^/?#]*@)?([^/?#]*)/iu;
const WORD = /^[\p{Lu}\p{Ll}\p{Lt}\p{Nd}]$/u;
const SPACE = /^[\p{Z}\p{Cc}]?$/u;
/** Of which runs of a sign something is made. */
const LENGTHS = { __proto__: null, "*": [1, 2, 3], _: [1], "~": [2] };

/** @returns {Array<{text: string, styles: string[], link: string}>} the text in pieces, in order */
export function spans(text) {
  const tokens = [];
  let at = 0;
  for (const [token, behind] of tokensOf(text)) {
    tokens.push(token);
    at = behind;
    if (tokens.length === MOST) break;
  }
  return styled([...tokens, [span(text.slice(at))]]);
}

const span = (text, styles = [], link = "") => ({ text, styles, link });

/** Each piece, which is a list of spans or a run of signs, and where it ends in the text. */
function* tokensOf(text) {
  let at = 0;
  for (const [start, end, shown, style] of code(text)) {
    yield* prose(text, at, start);
    yield [[span(shown, style ? [style] : [])], end];
    at = end;
  }
  yield* prose(text, at, text.length);
}

// Code.

function* code(text) {
  const runs = [...text.matchAll(TICKS)].map(({ index, 0: ticks }) => [index, index + ticks.length]);
  const following = nextOf(runs);
  let at = 0;
  let fenced = true;
  for (const [number, [start, behind]] of runs.entries()) {
    if (start < at) continue;
    if (behind - start > 2) {
      const end = fenced ? text.indexOf("```", behind) : -1;
      fenced = end >= 0;
      const shown = fenced ? block(text.slice(behind, end)) : "";
      if (!shown) continue;
      at = end + 3;
      if (text[at] === "\n") at += 1;
      yield [start, at, shown, "block"];
      continue;
    }
    const end = partner(text, runs, following, number);
    if (end < 0) continue;
    const ticks = text.slice(start, behind);
    const inner = text.slice(behind, end);
    at = end + ticks.length;
    if (text[start - 1] === "\\") yield [start - 1, at, ticks + inner.replace(/\\$/u, "") + ticks, ""];
    else yield [start, at, inner, "code"];
  }
}

/** Where the run of as many backticks begins that ends this code, in the same line; or -1. */
function partner(text, runs, following, number) {
  const next = following[number];
  if (next < 0) return -1;
  const inner = text.slice(runs[number][1], runs[next][0]);
  return inner.includes("\n") || BLANK.test(inner) ? -1 : runs[next][0];
}

/** For each run, the number of the next one that is as long, or -1: found once, so that the work is linear. */
function nextOf(runs) {
  const last = new Map();
  const next = new Array(runs.length).fill(-1);
  for (let number = runs.length - 1; number >= 0; number -= 1) {
    const length = runs[number][1] - runs[number][0];
    next[number] = last.get(length) ?? -1;
    last.set(length, number);
  }
  return next;
}

function block(inner) {
  const language = LANGUAGE.exec(inner)?.[0].length ?? 0;
  const told = BLANK.test(inner.slice(language)) ? inner : inner.slice(language);
  const bare = told.replace(/^\n/u, "").replace(/\n$/u, "");
  return BLANK.test(bare) ? "" : bare;
}

// Everything else.

/** What is between code: addresses, named addresses, emoji and signs. */
function* prose(text, start, end) {
  let at = start;
  for (const [from, to] of links(text.slice(start, end))) {
    const [first, last] = [start + from, start + to];
    const address = text.slice(first, last);
    const label = text[last] === ")" ? labelOf(text, at, first) : first;
    let behind = last;
    if (label === first) {
      yield* marked(text, at, first);
      yield [[span(address, [], address)], last];
    } else if (label > at && text[label - 1] === "\\") {
      yield* marked(text, at, label - 1);
      yield [[span(text.slice(label, first)), span(address, [], address)], last];
    } else {
      yield* marked(text, at, label);
      const named = styled([...marked(text, label + 1, first - 2)].map(([token]) => token));
      const host = HOST.exec(address)?.[1] ?? address;
      behind = last + 1;
      yield [[...named.map((each) => ({ ...each, link: address })), span(` (${host})`, ["where"], address)], behind];
    }
    at = behind;
  }
  yield* marked(text, at, end);
}

/** Where "[" stands before an address that is named, as in [text](address; `first` if there is none. */
function labelOf(text, at, first) {
  const from = Math.max(at, first - LONGEST_LABEL);
  if (first - from < 4 || text.slice(first - 2, first) !== "](") return first;
  const inner = text.slice(from, first - 2);
  const begin = inner.lastIndexOf("[");
  const label = inner.slice(begin + 1);
  return begin < 0 || /[\]\n]/u.test(label) || BLANK.test(label) ? first : from + begin;
}

/** Text with runs of signs and emoji. */
function* marked(text, start, end) {
  const signs = new RegExp(SIGNS);
  signs.lastIndex = start;
  let at = start;
  const part = text.slice(0, end);
  for (let found = signs.exec(part); found; found = signs.exec(part)) {
    let begin = found.index;
    const behind = signs.lastIndex;
    let token;
    if (found[1] !== undefined) {
      if (!EMOJI.has(found[1]) || WORD.test(before(text, begin)) || WORD.test(after(text, behind))) {
        signs.lastIndex = begin + 1;
        continue;
      }
      token = [span(EMOJI.get(found[1]))];
    } else {
      token = runOf(text, begin, behind);
      if (!token) continue;
      if (token.escaped) begin -= 1;
    }
    if (begin > at) yield [[span(text.slice(at, begin))], begin];
    yield [token, behind];
    at = behind;
  }
  if (end > at) yield [[span(text.slice(at, end))], end];
}

/** A run of signs, or null where it can mean nothing. */
function runOf(text, begin, behind) {
  const sign = text[begin];
  const count = behind - begin;
  const slash = text[begin - 1] === "\\";
  const escaped = slash && sign !== "_";
  const [one, other] = [before(text, escaped ? begin - 1 : begin), after(text, behind)];
  const kept = slash && !escaped;
  const opens = !SPACE.test(other) && !WORD.test(one) && !kept;
  const closes = !SPACE.test(one) && !WORD.test(other) && !kept;
  if (!LENGTHS[sign].includes(count) || !(opens || closes)) return null;
  return { sign, count, opens, closes, escaped, hides: false, ends: [], begins: [] };
}

/** The character that ends here, or "". */
function before(text, at) {
  if (at <= 0) return "";
  return /[\uDC00-\uDFFF]/.test(text[at - 1]) ? text.slice(Math.max(0, at - 2), at) : text[at - 1];
}

/** The character that begins here, or "". */
function after(text, at) {
  return at < text.length ? String.fromCodePoint(text.codePointAt(at)) : "";
}

/** The pieces with the styles that the signs around them give. */
function styled(tokens) {
  pair(tokens);
  const found = [];
  const styles = [];
  for (const token of tokens) {
    if (Array.isArray(token)) {
      for (const each of token) add(found, { ...each, styles: [...new Set([...each.styles, ...styles])].sort() });
      continue;
    }
    for (const style of token.ends) styles.splice(styles.indexOf(style), 1);
    const slash = token.escaped && !token.hides ? "\\" : "";
    add(found, span(slash + token.sign.repeat(token.count), [...new Set(styles)].sort()));
    styles.push(...token.begins);
  }
  return found;
}

/** One more piece; what looks like the one before it is part of that. Code stands by itself. */
function add(found, one) {
  const last = found.at(-1);
  const same = last && last.link === one.link && last.styles.join() === one.styles.join();
  if (same && !one.styles.includes("block") && !one.styles.includes("code")) last.text += one.text;
  else if (one.text) found.push(one);
}

/** Find which runs belong together. Each is pushed once and popped once, so the work is linear. */
function pair(tokens) {
  const waiting = [];
  const places = { __proto__: null, "*": [], _: [], "~": [] };
  const forget = (first) => {
    while (waiting.length > first) places[waiting.pop().sign].pop();
  };
  for (const token of tokens) {
    if (Array.isArray(token)) {
      if (token.some(({ text, styles }) => text.includes("\n") || styles.includes("block"))) forget(0);
      continue;
    }
    while (token.count && token.closes && places[token.sign].length) {
      const place = places[token.sign].at(-1);
      const opener = waiting[place];
      forget(place + 1);
      if (opener.escaped || token.escaped) {
        opener.hides = token.hides = true;
        forget(place);
        break;
      }
      const used = Math.min(opener.count, token.count) > 1 ? 2 : 1;
      opener.count -= used;
      token.count -= used;
      const style = token.sign === "~" ? "struck" : used === 2 ? "bold" : "italic";
      opener.begins.unshift(style);
      token.ends.push(style);
      if (!opener.count) forget(place);
    }
    if (token.count && token.opens && !token.hides) {
      places[token.sign].push(waiting.length);
      waiting.push(token);
    }
  }
}

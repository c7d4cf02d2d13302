/**
 * What somebody wrote, as it is shown: text, with addresses of the web as links, code as code, and calls to oneself
 * marked. Everything else is left as typed.
 */

import { calls } from "./calls.js";
import { make } from "./dom.js";
import { links } from "./links.js";

const CODE = /```\n?([^]+?)\n?```|`([^`\n]+)`/gu;

// Signs that leave no ink. A long run of them would push what stands behind it to the beginning of a line, where it looks
// like somebody else's, or like the page's own.
const BLANKS = /[^\S\n]|[\u115f\u1160\u2800\u3164\uffa0]/u.source;
const RUNS = new RegExp(`(?:${BLANKS}){9,}`, "gu");
const ALL_RUNS = new RegExp(`(?:${BLANKS}|\\n){2,}|\\n`, "gu");

/** @returns {Node[]} */
export function rich(said, nick) {
  const text = said.replace(RUNS, (run) => run.slice(0, 8));
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(CODE)) {
    nodes.push(...linked(text.slice(at, found.index), nick));
    nodes.push(
      found[1] === undefined ? make("code", {}, found[2]) : make("pre", { tabindex: "0" }, make("code", {}, found[1])),
    );
    at = found.index + found[0].length;
    if (found[1] !== undefined && text[at] === "\n") at += 1;
  }
  return [...nodes, ...linked(text.slice(at), nick)];
}

function linked(text, nick) {
  const nodes = [];
  let at = 0;
  for (const [start, end] of links(text)) {
    const address = text.slice(start, end);
    nodes.push(...called(text.slice(at, start), nick));
    nodes.push(make("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, address));
    at = end;
  }
  return [...nodes, ...called(text.slice(at), nick)];
}

function called(text, nick) {
  const nodes = [];
  let at = 0;
  for (const [start, end] of nick ? calls(text, nick) : []) {
    const from = text[start - 1] === "@" ? start - 1 : start;
    nodes.push(text.slice(at, from), make("mark", {}, text.slice(from, end)));
    at = end;
  }
  return [...nodes, text.slice(at)].filter((node) => node !== "");
}

/** Words of a search, marked where they stand. */
export function marked(text, words) {
  const any = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  if (!any) return [text];
  return text.split(new RegExp(`(${any})`, "iu")).map((part, n) => (n % 2 ? make("mark", {}, part) : part));
}

/** A sentence of parts: our own words, {nick} and {text}. What people wrote turns nothing around it, and nothing of it. */
export function told(parts) {
  return parts.map((part) => {
    if (typeof part === "string") return part;
    return part.text === undefined ? make("bdi", {}, part.nick) : make("bdi", {}, ...linked(part.text.replace(ALL_RUNS, " "), null));
  });
}

/**
 * What somebody wrote, as it is shown: text, with addresses of the web as links, code as code, and calls to oneself
 * marked. Everything else is left as typed.
 */

import { make } from "./dom.js";

const LINK = /https?:\/\/[^\s<>"`]+/giu;
const CODE = /```\n?([^]+?)\n?```|`([^`\n]+)`/gu;

/** @returns {Node[]} */
export function rich(text, nick) {
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
  for (const found of text.matchAll(LINK)) {
    const address = trimmed(found[0]);
    if (!isAddress(address)) continue;
    nodes.push(...called(text.slice(at, found.index), nick));
    nodes.push(make("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, address));
    at = found.index + address.length;
  }
  return [...nodes, ...called(text.slice(at), nick)];
}

/** Without the punctuation of the sentence that an address stands in. */
function trimmed(address) {
  let end = address.replace(/[.,;:!?'*_]+$/u, "");
  for (const [open, close] of ["()", "[]"]) {
    while (end.endsWith(close) && end.split(close).length > end.split(open).length) {
      end = end.slice(0, -1).replace(/[.,;:!?'*_]+$/u, "");
    }
  }
  return end;
}

function isAddress(text) {
  try {
    return ["http:", "https:"].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

function called(text, nick) {
  if (!text) return [];
  if (!nick) return [text];
  const escaped = nick.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const parts = text.split(new RegExp(`(?<![\\p{L}\\p{N}_])(@?${escaped})(?![\\p{L}\\p{N}_])`, "iu"));
  return parts.map((part, n) => (n % 2 ? make("mark", {}, part) : part)).filter((part) => part !== "");
}

/** Words of a search, marked where they stand. */
export function marked(text, words) {
  const any = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  if (!any) return [text];
  return text.split(new RegExp(`(${any})`, "iu")).map((part, n) => (n % 2 ? make("mark", {}, part) : part));
}

/** A sentence of parts: text, and {nick}. */
export function told(parts) {
  return parts.map((part) => (typeof part === "string" ? part : make("bdi", {}, part.nick)));
}

/** One entry of a timeline as a list item. What it looks like because of those around it is the list's affair. */

import { bdi, face, hue, icon, make } from "./dom.js";
import { fill } from "./history.js";
import { count, moment, sentence, time } from "./sentences.js";
import { rich, told } from "./text.js";

const ONE_CLICK = 200; // events that are fetched when this person asks for a gap

/** @param {{server: object, target: object, edit: (text: string) => void}} around what the buttons in it need */
export function asItem(entry, around) {
  const made = make(`li.line.${entry.kind}`);
  if (entry.kind === "said" || entry.kind === "acted") talk(made, entry, around);
  else if (entry.kind === "event") {
    const parts = sentence(entry.event, around.server.me?.nick);
    made.append(make("p.told", { dir: "auto" }, ...told(parts)));
  }
  else if (entry.kind === "note") note(made, entry, around);
  else hole(made, entry, around);
  return made;
}

function talk(made, entry, around) {
  const { nick, at, text, mine, bot, calls, state } = entry;
  made.classList.toggle("mine", Boolean(mine));
  made.classList.toggle("calls", Boolean(calls));
  if (state) made.classList.add(state);
  const stamp = make("time", { datetime: new Date(at).toISOString(), title: moment(at) }, time(at));
  const who = bdi(nick, `who.${hue(nick)}`);
  const words = rich(text, calls ? around.server.me.nick : null);
  if (entry.kind === "acted") {
    const mark = make("span.mark", { "aria-hidden": "true" }, "✳");
    made.append(mark, make("div.text", { dir: "auto" }, who, " ", ...badge(bot), ...words), stamp);
  } else {
    made.append(face(nick), make("div.head", {}, who, ...badge(bot), stamp), make("div.text", { dir: "auto" }, ...words));
  }
  if (state === "sending") made.append(make("div.fate", {}, "Sending"));
  if (state === "failed") made.append(failure(entry, around));
}

/** Whether a program said it, as a word that everybody sees. */
function badge(bot) {
  return bot ? [make("span.post", {}, "bot"), " "] : [];
}

function failure(entry, { server, target, edit }) {
  const discard = () => target.timeline.remove(entry);
  const change = () => {
    discard();
    edit(entry.text);
  };
  const again = () => server.again(target, entry);
  const first = entry.lost ? button("Try again", again) : button("Edit", change);
  return make(
    "div.fate",
    { role: "alert" },
    make("span", {}, `Not sent. ${entry.why}`),
    first,
    button("Discard", discard),
  );
}

function button(label, act) {
  return make("button.link", { type: "button", onclick: act }, label);
}

function note(made, entry, { target }) {
  const lines = entry.lines.map((line) => make("p", {}, line));
  const away = {
    type: "button",
    "aria-label": "Dismiss",
    title: "Dismiss",
    onclick: () => target.timeline.remove(entry),
  };
  made.append(
    icon("eye"),
    make("div.text", { dir: "auto" }, make("p.small", {}, "Only you can see this"), ...lines),
    make("button.plain", away, icon("close")),
  );
}

function hole(made, entry, { server, target }) {
  const number = count(entry.last - entry.first + 1, "line");
  const are = entry.last === entry.first ? "is" : "are";
  if (entry.lost) {
    const gone = entry.last === entry.first ? "has" : "have";
    made.append(make("p", {}, `${number} ${gone} expired and cannot be shown.`));
    return;
  }
  const show = button("Show", async () => {
    show.disabled = true;
    try {
      await fill(server, target, entry, ONE_CLICK);
    } catch {
      show.disabled = false; // it can be tried again when the connection is back
    }
  });
  made.append(make("p", {}, `${number} ${are} not shown here. `, show));
}

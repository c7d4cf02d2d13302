/** The page: joins the connection, the server and all that shows it. */

import "./keys.js";

import { Address } from "./address.js";
import { Banner } from "./banner.js";
import { Commands } from "./commands.js";
import { Composer } from "./composer.js";
import { askPassword, browse, close as closeDialog, offerRoom, whisperTo } from "./dialogs.js";
import { find, icon, make } from "./dom.js";
import { Entrance } from "./entrance.js";
import { Hearing } from "./hearing.js";
import { reach } from "./history.js";
import { install } from "./install.js";
import { JoinForm } from "./join.js";
import { Lines } from "./lines.js";
import { Link } from "./link.js";
import { MyMenu } from "./menus.js";
import { notify, speak, toast, untoast } from "./notices.js";
import { Panel } from "./panel.js";
import { patiently } from "./patience.js";
import { PersonCard } from "./person.js";
import { setsTopic } from "./powers.js";
import { Room, Whispers } from "./room.js";
import { RoomMenu } from "./roommenu.js";
import { Server } from "./server.js";
import { Side } from "./side.js";
import { forgetSession, readSession } from "./store.js";
import { richLine } from "./text.js";

const { name: SERVER, longest } = document.documentElement.dataset;
const socket = new URL("ws", document.baseURI);
socket.protocol = socket.protocol === "https:" ? "wss:" : "ws:";

const link = new Link(socket.href, Number(longest));
const server = new Server(link);
const hearing = new Hearing(server, link);
const entrance = new Entrance(server, link, (room, entry) => hearing.talk(room, entry, true));
hearing.entrance = entrance;
const lines = new Lines(server, (text) => composer.edit(text));
const commands = new Commands(server, hearing, {
  rooms: () => (browse(server), true),
  help: ({ word }) => !word && (panel.open("help"), true),
  inbox: ({ which }) => server.me.account && !which && (panel.open("inbox"), true),
  search: ({ words }) => (panel.search(words), true),
  who: ({ room }) => !room && server.current instanceof Room && (panel.open("people"), true),
  look: ({ room }) => server.rooms.has(room) && (server.select(server.rooms.get(room)), true),
  leave: ({ room }) => !server.rooms.has(room?.toLowerCase()) && closeWhispers(),
  quit: () => (entrance.quit(false), true),
  logout: () => server.me.account && (entrance.quit(true), true),
});
const composer = new Composer(server, lines, { send, onlyReader: (text) => commands.onlyReader(text) });
const banner = new Banner(link);
const say = (text) => composer.say(text);
const card = new PersonCard(server, hearing, { say, toast, whisper, insert: (text) => composer.insert(text) });
new RoomMenu(server, hearing, { say, toast });
const menu = new MyMenu(server, hearing, {
  say,
  toast,
  help: () => panel.open("help"),
  quit: (logout) => entrance.quit(logout),
});
const panel = new Panel(server, { openPerson: (person, button) => card.open(person, button), goTo, whisper });
const side = new Side(server, {
  openMe: (button) => menu.open(button),
  openInbox: () => panel.open("inbox", find("#inbox-open")),
  openBrowse: () => browse(server),
  openWhisper: () => whisperTo(server, whisper),
});
const address = new Address(server, { visit, asked: (room) => (form.room = room) });
const form = new JoinForm(async (who) => {
  await entrance.enter(who);
  await come();
}, address.room);

// Joining and leaving.

async function come() {
  await patiently(lines.filled());
  if (!server.me) return; // sent away meanwhile
  form.hide();
  find("#chat").hidden = false;
  side.draw();
  drawState();
  drawCurrent();
  if (matchMedia("(min-width: 70rem)").matches) panel.open("people", find("#people-open"), false);
  composer.focus();
}

async function begin() {
  const session = readSession();
  if (!session) {
    form.show();
    return;
  }
  form.showReturning();
  find("#returning button").addEventListener("click", () => {
    forgetSession();
    location.reload();
  });
  try {
    const asked = address.room;
    const there = session.rooms.includes(asked);
    await entrance.enter({ ...session, ...(there ? { current: asked } : { room: asked }) });
    await come();
  } catch (error) {
    forgetSession();
    form.show({ nick: session.nick, how: session.token ? "login" : "guest", text: error.message });
  }
}

server.addEventListener("ended", ({ detail }) => {
  closeDialog();
  panel.close();
  address.forget();
  find("#chat").hidden = true;
  document.title = SERVER;
  form.show({ nick: detail.nick, how: detail.account ? "login" : "guest", text: detail.text });
});

// What one does.

async function send(text) {
  try {
    return await commands.send(text);
  } catch (error) {
    composer.say(error.message);
    return false;
  }
}

/** In a conversation, /leave and its aliases close it. */
function closeWhispers() {
  const { current } = server;
  if (!(current instanceof Whispers)) return false;
  server.forgetWhispers(current);
  return true;
}

function whisper(nick) {
  server.select(server.whispersWith(nick));
  composer.focus();
}

async function visit(name) {
  try {
    await server.join(name);
  } catch (error) {
    shut(name, error);
  }
}

/** Say why a room could not be joined, and offer what can be done about it. */
function shut(name, error) {
  address.show(server.current);
  if (error.code === "no-such-room") offerRoom(server, name, error.message);
  else if (error.code === "wants-password") askPassword(server, name, error.message);
  else toast(error.message);
}

async function goTo(name, seq) {
  const room = server.rooms.get(name);
  if (!room) return;
  try {
    if (server.current !== room) server.select(room);
    await reach(server, room, seq);
    if (matchMedia("(max-width: 56rem)").matches) panel.close();
    lines.point(seq);
  } catch (error) {
    composer.say(error.message);
  }
}

// What is shown.

function drawCurrent() {
  const target = server.current;
  lines.show(target);
  composer.show(target);
  drawRoom();
  address.show(target);
}

function drawRoom() {
  const target = server.current;
  const isRoom = target instanceof Room;
  find("#room-name").replaceChildren(make("bdi", {}, target?.name ?? "No room"));
  drawTopic(target);
  find("#more").hidden = !target;
  panel.drawPeople();
  drawBanner();
  drawTitle();
}

/** The topic, with its links; a click beside them, or the button behind them, changes it. */
function drawTopic(target) {
  const isRoom = target instanceof Room;
  const topic = isRoom ? target.topic : target ? "Only the two of you can read this" : "";
  const box = find("#topic");
  box.hidden = !target;
  box.title = topic;
  box.classList.toggle("none", isRoom && !topic);
  find("span", box).replaceChildren(...richLine(topic));
  const button = find("#topic-edit");
  button.hidden = !isRoom || !setsTopic(server, target);
  button.setAttribute("aria-label", topic ? "Change topic" : "Set topic");
  button.replaceChildren(topic ? icon("edit") : "Set a topic");
}

function drawTitle() {
  const calls = [...server.rooms.values(), ...server.whispers.values()].reduce(
    (sum, each) => sum + (each instanceof Room ? each.mentioned : each.unread),
    0,
  );
  const unread = [...server.rooms.values()].some((room) => room.unread);
  const mark = calls ? `(${calls}) ` : unread ? "• " : "";
  document.title = server.me ? `${mark}${server.current?.name ?? "No room"} · ${SERVER}` : SERVER;
}

function drawBanner() {
  const room = server.current;
  const leave = () => server.leave(room);
  banner.draw(entrance.isHeld, room?.out ?? "", [
    ["Rejoin", () => comeBack(room)],
    ["Dismiss", leave],
  ]);
}

async function comeBack(room) {
  try {
    await server.join(room.name, room.password);
  } catch (error) {
    shut(room.name, error);
  }
}

function drawState() {
  if (!server.me) return;
  side.drawMe(link.state);
  drawBanner();
}

// What is heard.

server.addEventListener("said", ({ detail: { target, entry, late } }) => {
  const { nick, text, mine } = entry;
  const calls = entry.calls || !(target instanceof Room);
  if (server.attends(target)) {
    if (!mine && !late) speak(target instanceof Room ? `${nick}: ${text}` : `${nick} whispers: ${text}`);
    return;
  }
  drawTitle();
  if (!calls || late) return;
  const what = target instanceof Room ? ` mentioned you in ${target.name}: ` : " whispers: ";
  if (target !== server.current)
    toast([{ nick }, what, { text: text.slice(0, 80) }], target.name, ["Show", () => server.select(target)]);
  if (document.visibilityState !== "visible") notify(target, entry, () => server.select(target));
});

server.addEventListener("state", drawState);
server.addEventListener("rooms", () => {
  side.draw();
  drawTitle();
});
server.addEventListener("current", () => {
  drawCurrent();
  untoast(server.current?.name);
  if (matchMedia("(pointer: fine)").matches) composer.focus();
});
server.addEventListener("ignored", () => server.current && lines.redraw());
server.addEventListener("room", drawRoom);
server.addEventListener("notice", ({ detail: { text } }) => toast(text));
server.addEventListener("shut", ({ detail: { room, error } }) => shut(room, error));
server.addEventListener("invited", ({ detail: { nick, room } }) => {
  toast([{ nick }, " invited you to ", { text: room }, "."], room, ["Join", () => visit(room)]);
});
server.addEventListener("unbanned", ({ detail: { nick, room } }) => {
  toast([{ nick }, " unbanned you from ", { text: room }, "."], room, ["Join", () => visit(room)]);
});
// A fragment is a room here, and no place on the page.
find(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  composer.focus();
});

// Where there is no room beside the room, the panel covers it; nobody asked for that by making the window smaller.
matchMedia("(max-width: 56rem)").addEventListener("change", ({ matches }) => matches && panel.close());

document.addEventListener("visibilitychange", () => {
  const { current } = server;
  if (!current) return;
  if (document.visibilityState === "hidden") server.seen(current);
  else if (current.unread) server.select(current);
});

// Keys that work everywhere: Alt and the arrows go through the list of rooms, Ctrl K looks for one.
document.addEventListener("keydown", (event) => {
  if (!server.me || find("#dialog").open) return;
  if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    const all = [...server.rooms.values(), ...server.whispers.values()];
    const at = all.indexOf(server.current) + (event.key === "ArrowUp" ? -1 : 1);
    if (all.length) server.select(all[(at + all.length) % all.length]);
    event.preventDefault();
  } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    browse(server);
    event.preventDefault();
  }
});

begin();
install();

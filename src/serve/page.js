"use strict";
// The page of drydial serve: it reads the server's events and asks its side door. All texts go in as text, never as HTML.

const $ = id => document.getElementById(id);
const calls = new Map();   // sid → call, as the events tell it
const state = { flows: [], shown: null, chosen: null, call: null, source: null, on: localStorage.getItem("phone") !== "off" };

function element(name, text, className) {
  const e = document.createElement(name);
  if (text !== undefined) e.textContent = text;
  if (className) e.className = className;
  return e;
}

async function ask(path, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const reply = await fetch("/_drydial/" + path, options);
  const value = await reply.json();
  if (!reply.ok) throw new Error(value.RestException ? value.RestException.Message : reply.statusText);
  return value;
}

function trouble(error) {
  $("trouble").textContent = error ? error.message : "";
  $("trouble").hidden = !error;
}

function attempt(promise) {
  trouble(null);
  return promise.catch(trouble);
}

function clockOf(ms) {
  return Math.floor(ms / 60000) + ":" + (ms % 60000 / 1000).toFixed(1).padStart(4, "0");
}

// -- flows -------------------------------------------------------------------------------------------------------------------

async function loadFlows() {
  state.flows = await ask("flows");
  const before = $("flow").value;
  $("flow").replaceChildren(...state.flows.map(f => {
    const option = element("option", f.name + (f.broken ? " (has errors)" : ""));
    option.value = f.id;
    return option;
  }));
  if (before) $("flow").value = before;
  await showFlow($("flow").value);
}

let turn = 0; // the last flow that was asked for is the one that is shown

async function showFlow(id) {
  if (!id) return;
  const mine = ++turn, flow = await ask("flows/" + encodeURIComponent(id));
  if (mine !== turn) return;
  state.shown = id;
  $("flow").value = id;
  $("flow-title").textContent = "Flow: " + flow.name;
  const typed = Object.fromEntries([...$("variables").querySelectorAll("input")].map(i => [i.dataset.name, i.value]));
  $("variables").replaceChildren(...(flow.variables || []).map((v, i) => {
    const p = element("p"), label = element("label", v.name), input = element("input");
    label.htmlFor = input.id = "variable-" + i;
    input.dataset.name = v.name;
    input.placeholder = v.example || "";
    input.required = v.required;
    input.value = typed[v.name] || "";
    p.append(label, input);
    return p;
  }));
  $("findings").replaceChildren(...(flow.findings || []).map(f => element("li", `${f.severity}: ${f.message} (${f.rule}, line ${f.line})`, f.severity)));
  if (flow.broken) $("findings").append(element("li", flow.faults, "error"));
  if (!$("findings").children.length) $("findings").append(element("li", "none", "quiet"));
  $("picture").replaceChildren();
  if (flow.broken) return;
  const text = await (await fetch(`/_drydial/flows/${encodeURIComponent(id)}/picture`)).text();
  if (mine !== turn) return;
  const svg = new DOMParser().parseFromString(text, "text/html").querySelector("svg");
  if (svg) {
    svg.setAttribute("aria-label", "the steps of " + flow.name);
    $("picture").append(document.importNode(svg, true));
  }
}

function lightUp(index) {
  for (const g of document.querySelectorAll("#picture .now")) g.setAttribute("class", "step been");
  const g = document.querySelector(`#picture [data-step="${index}"]`);
  if (!g) return;
  g.setAttribute("class", "step now");
  const box = $("picture"), at = g.getBoundingClientRect(), frame = box.getBoundingClientRect();
  if (at.top < frame.top || at.bottom > frame.bottom) box.scrollTop += at.top - frame.top - 60;
}

// -- sound: what the server sends is played as it comes, and cut when the server cuts it -----------------------------------------

const RATE = 8000, LEAD = 0.05;
const sound = { context: null, playing: [], next: 0, frames: 0 };
const TONES = { 1: [697, 1209], 2: [697, 1336], 3: [697, 1477], 4: [770, 1209], 5: [770, 1336], 6: [770, 1477], 7: [852, 1209], 8: [852, 1336], 9: [852, 1477],
  "*": [941, 1209], 0: [941, 1336], "#": [941, 1477] };

function openSound() {
  try {
    sound.context = sound.context || new AudioContext();
    sound.context.resume();
  } catch (_) { /* there is no sound device: captions are enough */ }
}

function silence() {
  for (const s of sound.playing) { try { s.stop(); } catch (_) { /* it has ended */ } }
  sound.playing = [];
  sound.next = 0;
}

function play(samples) {
  const c = sound.context;
  if (!c || !samples.length) return;
  const buffer = c.createBuffer(1, samples.length, RATE), source = c.createBufferSource();
  buffer.copyToChannel(samples, 0);
  source.buffer = buffer;
  source.connect(c.destination);
  sound.next = Math.max(sound.next, c.currentTime + LEAD);
  source.start(sound.next);
  sound.next += buffer.duration;
  sound.playing.push(source);
}

function tones(frequencies, seconds, level) {
  const c = sound.context;
  if (!c || c.state !== "running") return;
  for (const f of frequencies) {
    const o = c.createOscillator(), gain = c.createGain();
    o.frequency.value = f;
    gain.gain.value = level;
    o.connect(gain).connect(c.destination);
    o.start();
    o.stop(c.currentTime + seconds);
  }
}

function onFrame(letter, bytes) {
  if (letter === "P" || letter === "S" || letter === "E") silence();
  if (letter === "X") trouble(new Error("The server closed the sound: " + new TextDecoder().decode(bytes)));
  if (letter === "K") tones(TONES[String.fromCharCode(bytes[0])] || [], 0.1, 0.1);
  if (letter !== "D") return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), samples = new Float32Array(bytes.byteLength / 2);
  for (let i = 0; i < samples.length; i++) samples[i] = view.getInt16(2 * i, true) / 32768;
  sound.frames += samples.length;
  $("phone").dataset.frames = sound.frames;
  play(samples);
}

async function listen(sid) {
  const reader = (await fetch(`/_drydial/calls/${sid}/sound`)).body.getReader();
  let have = new Uint8Array(0);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const joined = new Uint8Array(have.length + value.length);
    joined.set(have);
    joined.set(value, have.length);
    let at = 0;
    while (joined.length - at >= 5) {
      const n = new DataView(joined.buffer, at + 1, 4).getUint32(0, true);
      if (joined.length - at < 5 + n) break;
      onFrame(String.fromCharCode(joined[at]), joined.slice(at + 5, at + 5 + n));
      at += 5 + n;
    }
    have = joined.slice(at);
  }
}

// -- the phone -------------------------------------------------------------------------------------------------------------------

let ringing = null, words = [], talking = "";

function phone(name, text) {
  $("phone").dataset.state = name;
  $("state").textContent = text;
  $("answer").disabled = $("decline").disabled = name !== "ringing";
  $("hangup").disabled = name !== "talking";
  for (const key of $("keypad").children) key.disabled = name !== "talking";
  clearInterval(ringing);
  ringing = null;
  if (name !== "ringing") return;
  const ring = () => { tones([400, 425], 0.4, 0.05); setTimeout(() => tones([400, 425], 0.4, 0.05), 600); };
  ring();
  ringing = setInterval(ring, 3000);
}

function caption(text, spoken) {
  for (const w of words) clearTimeout(w);
  words = [];
  const bytes = new TextEncoder().encode(text), decode = b => new TextDecoder().decode(b);
  const show = at => $("caption").replaceChildren(element("span", decode(bytes.slice(0, at))), element("span", decode(bytes.slice(at)), "ahead"));
  if (!spoken || !spoken.length) { show(bytes.length); return; }
  show(0);
  spoken.forEach(([ms], i) => words.push(setTimeout(() => show(i + 1 < spoken.length ? spoken[i + 1][1] : bytes.length), ms)));
}

function say(text) {
  $("spoken").append(element("span", text + " "));
  while ($("spoken").children.length > 20) $("spoken").firstChild.remove();
}

function onMyCall(call) {
  if (call.status === "ringing" && (!state.call || state.call === call.sid)) {
    if (state.call === call.sid) return;
    state.call = call.sid;
    choose(call.sid);
    caption("");
    $("spoken").replaceChildren();
    for (const g of document.querySelectorAll("#picture .now, #picture .been")) g.setAttribute("class", "step");
    phone("ringing", `${call.caller_id} calls ${call.from}.`);
    listen(call.sid).catch(() => {});
    if (call.flow !== state.shown) showFlow(call.flow).catch(trouble);
    $("answer").focus();
  } else if (state.call === call.sid && call.status === "in-progress") {
    talking = `Talking as ${call.from}.`;
    phone("talking", talking);
    $("hangup").focus();
  }
}

function endMyCall(call) {
  state.call = null;
  silence();
  phone("idle", `The call is over: ${call.status}.`);
}

const press = key => state.call && attempt(ask(`calls/${state.call}/press`, { keys: key }));
const answer = () => { openSound(); if (state.call) attempt(ask(`calls/${state.call}/answer`, {})); };
const hangUp = () => state.call && attempt(ask(`calls/${state.call}/hangup`, {}));

for (const key of "123456789*0#") {
  const button = element("button", key);
  button.type = "button";
  button.disabled = true;
  if (key === "*") button.setAttribute("aria-label", "star");
  if (key === "#") button.setAttribute("aria-label", "hash");
  button.addEventListener("click", () => press(key));
  $("keypad").append(button);
}
$("answer").addEventListener("click", answer);
$("decline").addEventListener("click", () => state.call && attempt(ask(`calls/${state.call}/decline`, {})));
$("hangup").addEventListener("click", hangUp);
document.addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName)) return;
  if ("0123456789*#".includes(e.key) && $("phone").dataset.state === "talking") press(e.key);
  else if (e.key === "a" && $("phone").dataset.state === "ringing") answer();
  else if (e.key === "h" && $("phone").dataset.state === "talking") hangUp();
});

// -- lists -----------------------------------------------------------------------------------------------------------------------

function callRow(call) {
  const row = element("tr"), cell = element("td"), button = element("button", "Show");
  button.type = "button";
  button.setAttribute("aria-label", `Show the call to ${call.from}, ${call.flow}`);
  button.addEventListener("click", () => choose(call.sid));
  const seconds = call.seconds !== undefined ? call.seconds : call.answered && call.ended > call.answered ? Math.ceil((call.ended - call.answered) / 1000) : "";
  row.append(...[call.from, call.flow, call.status, call.digits || "", seconds].map(t => element("td", t)));
  cell.append(button);
  row.append(cell);
  return row;
}

let drawing = false;
function drawCalls() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    const focused = document.activeElement && document.activeElement.closest("#calls tr");
    const index = focused ? [...focused.parentNode.children].indexOf(focused) : -1;
    $("calls").replaceChildren(...[...calls.values()].slice(-50).reverse().map(callRow));
    if (index >= 0 && $("calls").children[index]) $("calls").children[index].querySelector("button").focus();
  });
}

// A recording goes by its file, one that is not at hand by its name.
const spokenOf = e => e.text || e.file || (e.stand_in ? `stand-in ${e.stand_in}` : "");

const FACTS = {
  prompt: e => spokenOf(e),
  prompt_stopped: e => `heard: ${e.heard}`,
  key: e => e.key + (e.lost ? `  lost${e.reason ? `: ${e.reason}` : ""}` : ""),
  answer: e => `${e.answer} (${e.digits})`,
  request: e => `${e.method} ${e.url}${e.form ? " " + e.form : ""}`,
  reply: e => `${e.status || e.error} after ${e.ms} ms ${e.body || ""}`,
  sms: e => `to ${e.to}: ${e.text}`,
  transfer: e => e.flow,
  missing: e => e.name,
  error: e => e.message,
  end: e => e.status + (e.ended_by ? `, ended by ${e.ended_by}` : ""),
  answered: e => `by ${e.by}`,
  ringing: e => `for ${clockOf(e.ring_ms)}`,
};

function transcriptLine(e) {
  const li = element("li", undefined, e.lost ? "lost" : "");
  li.append(element("span", clockOf(e.at_ms), "quiet"), element("span", e.type.replace("_", " ") + (e.line ? ` :${e.line}` : ""), "quiet"),
    element("span", (FACTS[e.type] || (() => ""))(e)));
  return li;
}

const isOver = status => !/^(queued|ringing|in-progress)$/.test(status);
let written = null; // the call whose transcript is shown

// A transcript follows its call, unless whoever reads has scrolled away from its end.
async function choose(sid) {
  state.chosen = sid;
  const call = await ask("calls/" + sid);
  if (state.chosen !== sid) return;
  const list = $("transcript"), before = list.scrollTop, again = written === sid;
  const follows = again ? list.scrollHeight - list.clientHeight - before < 40 : !isOver(call.status);
  written = sid;
  $("which").textContent = `${call.flow}, ${call.from}, ${call.status}`;
  list.replaceChildren(...(call.transcript ? call.transcript.events : []).map(transcriptLine));
  list.scrollTop = follows ? list.scrollHeight : again ? before : 0;
}

// Messages are kept when their call is over; until then they are what its events say.
const sent = new Map();   // sid → its messages so far
let kept = [];

function drawMessages(show) {
  const fresh = [...sent.values()].flat().reverse(), list = [...fresh, ...kept].slice(0, 20);
  $("messages").replaceChildren(...list.map(m => element("li", `to ${m.to}: ${m.text} (${m.status})`)));
  if (!list.length) $("messages").append(element("li", "none", "quiet"));
  if (show) $("messages").scrollTop = 0;
}

async function loadMessages() {
  kept = await ask("messages?limit=20");
  for (const sid of [...sent.keys()]) if (kept.some(m => m.sid === sid) || !calls.has(sid)) sent.delete(sid);
  drawMessages(false);
}

async function loadCallbacks() {
  const list = await ask("callbacks?limit=20");
  $("callbacks").replaceChildren(...list.map(c =>
    element("li", `${c.event} to ${c.url}: ${c.state}${c.error ? `, ${c.error}` : ""}, ${c.tries} ${c.tries === 1 ? "try" : "tries"}`, c.state === "given up" ? "error" : "")));
  if (!list.length) $("callbacks").append(element("li", "none", "quiet"));
}

async function loadCampaigns() {
  const list = await ask("campaigns");
  $("campaigns").replaceChildren(...list.map(c => {
    const row = element("tr");
    row.append(...[c.name, c.status, c.total, c.dialed, c.connected, c.pending, c.pending_retry, c.connection_rate.toFixed(1) + " %"].map(t => element("td", t)));
    return row;
  }));
  if (!list.length) {
    const row = element("tr"), cell = element("td", "none", "quiet");
    cell.colSpan = 8;
    row.append(cell);
    $("campaigns").replaceChildren(row);
  }
}

async function loadStatus() {
  const s = await ask("status");
  $("clock").textContent = `${s.now.slice(0, 16).replace("T", " ")}, speed ${s.speed}`;
  $("counts").textContent = `${s.in_progress} in progress, ${s.waiting} waiting, ${s.over} over`;
}

// What follows from many events is asked for once.
const soon = new Map();
function later(load) {
  if (soon.has(load)) return;
  soon.set(load, setTimeout(() => { soon.delete(load); load().catch(() => {}); }, 150));
}

async function loadAll() {
  await loadFlows();
  for (const c of (await ask("calls?limit=50")).reverse()) calls.set(c.sid, c);
  drawCalls();
  await Promise.all([loadMessages(), loadCallbacks(), loadCampaigns(), loadStatus()]);
}

// -- events ----------------------------------------------------------------------------------------------------------------------

let own = null;

function onCall(call) {
  const before = calls.get(call.sid);
  calls.delete(call.sid);
  calls.set(call.sid, { ...before, ...call, seconds: undefined });
  if (calls.size > 200) calls.delete(calls.keys().next().value);
  drawCalls();
  later(loadStatus);
  if (call.phone && call.phone === own) onMyCall(call);
  if (state.call === call.sid && isOver(call.status)) endMyCall(call);
  if (sent.has(call.sid) && isOver(call.status)) later(loadMessages);
  if (state.chosen === call.sid) later(chosenAgain);
  later(loadCampaigns);
}

const chosenAgain = () => state.chosen ? choose(state.chosen) : Promise.resolve();

function onRecord(e) {
  if (state.chosen === e.sid) later(chosenAgain);
  if (e.type === "sms") {
    sent.set(e.sid, [...sent.get(e.sid) || [], { sid: e.sid, to: e.to, text: e.text }]);
    drawMessages(true);
  }
  if (state.call !== e.sid) return;
  if (e.index !== null) lightUp(e.index);
  if (e.type === "prompt") {
    $("state").textContent = talking;
    caption(spokenOf(e), e.words);
    say(spokenOf(e));
  } else if (e.type === "prompt_stopped") {
    caption(e.heard);
  } else if (e.type === "key" && e.lost) {
    const text = `Key ${e.key} was lost${e.reason ? `: ${e.reason}` : ""}.`;
    $("state").textContent = text;
  } else if (e.type === "sms") {
    say(`A text message to ${e.to}: ${e.text}`);
  }
}

function connect() {
  if (state.source) state.source.close();
  const source = state.source = new EventSource("/_drydial/events" + (state.on ? "?phone=any" : ""));
  const on = (type, handle) => source.addEventListener(type, e => handle(JSON.parse(e.data)));
  let why = null;
  on("hello", h => {
    own = h.id;
    trouble(null);
    later(loadStatus);
    if (why) loadAll().catch(trouble);
    why = null;
  });
  on("closed", c => { why = c.reason; });
  on("call", onCall);
  on("record", onRecord);
  on("callback", () => later(loadCallbacks));
  on("message", () => later(loadMessages));
  on("campaign", () => later(loadCampaigns));
  on("clock", () => later(loadStatus));
  on("reset", () => { calls.clear(); sent.clear(); drawCalls(); state.chosen = null; $("transcript").replaceChildren(); loadAll().catch(trouble); });
  source.onerror = () => trouble(new Error(why ? `The server closed the events: ${why}.` : "The server does not answer; trying again."));
  $("switch").setAttribute("aria-pressed", String(state.on));
  $("switch").textContent = state.on ? "Phone is on" : "Phone is off";
}

$("switch").addEventListener("click", () => {
  openSound();
  state.on = !state.on;
  localStorage.setItem("phone", state.on ? "on" : "off");
  connect();
});
$("flow").addEventListener("change", () => attempt(showFlow($("flow").value)));
$("form").addEventListener("submit", e => {
  e.preventDefault();
  openSound();
  const variables = {};
  for (const input of $("variables").querySelectorAll("input")) if (input.value) variables[input.dataset.name] = input.value;
  if ($("who").value === "phone" && !state.on) $("switch").click();
  attempt(ask("calls", { flow: $("flow").value, from: $("from").value, answer: $("who").value, variables }));
});
window.addEventListener("beforeunload", () => state.source && state.source.close());

phone("idle", "Nobody is calling.");
connect();
loadAll().catch(trouble);
setInterval(() => loadStatus().catch(() => {}), 5000);

"use strict";
// Sound: the page holds each prompt once, as A-law; a call's recording is put together when it is first wanted.
const data = JSON.parse(document.getElementById("sound").textContent);
const RATE = 8000, prompts = new Map();

function prompt(index) {
  if (!prompts.has(index)) {
    const bytes = atob(data.sounds[index]), pcm = new Int16Array(bytes.length);
    for (let i = 0; i < bytes.length; i++) {
      const a = bytes.charCodeAt(i) ^ 0x55, exponent = (a >> 4) & 7;      // ITU-T G.711
      let value = ((a & 15) << 4) + 8;
      if (exponent > 0) value = (value + 256) << (exponent - 1);
      pcm[i] = a & 0x80 ? value : -value;
    }
    prompts.set(index, pcm);
  }
  return prompts.get(index);
}

const ROWS = [697, 770, 852, 941], COLUMNS = [1209, 1336, 1477], KEYS = "123456789*0#"; // ITU-T Q.23
function tone(pcm, key, from) {
  const k = KEYS.indexOf(key), f1 = ROWS[Math.floor(k / 3)], f2 = COLUMNS[k % 3], n = RATE / 10;
  for (let i = 0; i < n && from + i < pcm.length; i++) {
    const edge = Math.min(1, i / 40, (n - i) / 40), t = 2 * Math.PI * i / RATE;
    pcm[from + i] = pcm[from + i] / 4 + edge * 7000 * (Math.sin(f1 * t) + Math.sin(f2 * t));
  }
}

function recording(call) {
  const pcm = new Int16Array(Math.ceil(call.ms * RATE / 1000));
  for (const [at, until, index] of call.heard) {
    const from = Math.floor(at * RATE / 1000), n = Math.floor((until - at) * RATE / 1000);
    pcm.set(prompt(index).subarray(0, Math.max(0, Math.min(n, pcm.length - from))), Math.min(from, pcm.length));
  }
  for (const [at, key] of call.keys) tone(pcm, key, Math.floor(at * RATE / 1000));
  const head = new DataView(new ArrayBuffer(44)), text = (o, s) => [...s].forEach((c, i) => head.setUint8(o + i, c.charCodeAt(0)));
  text(0, "RIFF"); head.setUint32(4, 36 + pcm.byteLength, true); text(8, "WAVEfmt "); head.setUint32(16, 16, true);
  head.setUint16(20, 1, true); head.setUint16(22, 1, true); head.setUint32(24, RATE, true); head.setUint32(28, 2 * RATE, true);
  head.setUint16(32, 2, true); head.setUint16(34, 16, true); text(36, "data"); head.setUint32(40, pcm.byteLength, true);
  return new Blob([head, pcm], { type: "audio/wav" });
}

function follow(box, call, seconds) {
  const ms = seconds * 1000, cursor = box.querySelector(".cursor"), axis = box.querySelector("svg.timeline");
  if (cursor && axis) {
    const x = 1000 * ms / Math.max(1, call.ms);
    cursor.setAttribute("x1", x); cursor.setAttribute("x2", x);
  }
  let now = null;
  for (const li of box.querySelectorAll("li[data-at]")) {
    li.classList.remove("now");
    if (Number(li.dataset.at) <= ms + 1 && li.classList.contains("flow")) now = li;
  }
  if (now) now.classList.add("now");
}

for (const box of document.querySelectorAll("details.call[data-call]")) {
  const call = data.calls[Number(box.dataset.call)], audio = box.querySelector("audio");
  if (!call || !audio) continue;
  const ready = () => { if (!audio.src) audio.src = URL.createObjectURL(recording(call)); };
  const open = () => { if (box.open) ready(); };
  box.addEventListener("toggle", open);
  open();
  audio.addEventListener("timeupdate", () => follow(box, call, audio.currentTime));
  const seek = (ms) => { ready(); audio.currentTime = ms / 1000; audio.play(); };
  for (const li of box.querySelectorAll("li[data-at]")) {
    li.tabIndex = 0;
    li.addEventListener("click", () => seek(Number(li.dataset.at)));
    li.addEventListener("keydown", (e) => { if (e.key === "Enter") seek(Number(li.dataset.at)); });
  }
  const timeline = box.querySelector("svg.timeline");
  if (timeline) timeline.addEventListener("click", (e) => {
    const r = timeline.getBoundingClientRect();
    seek(call.ms * (e.clientX - r.left) / r.width);
  });
}

document.getElementById("only-failed")?.addEventListener("change", (e) => {
  for (const box of document.querySelectorAll("details.call")) box.hidden = e.target.checked && !box.classList.contains("bad");
});

"use strict";
// The charts are drawn already; this tells what a mark is, by pointer and by arrow keys, and opens the tables for printing.
const tip = document.getElementById("tip");
let at = null;

function hide() {
  if (at) at.classList.remove("at");
  at = null;
  tip.hidden = true;
}

function show(mark, x, y) {
  if (at !== mark) {
    hide();
    at = mark;
    mark.classList.add("at");
    tip.textContent = mark.dataset.tip;
  }
  tip.hidden = false;
  tip.style.left = Math.max(6, Math.min(x + 12, innerWidth - tip.offsetWidth - 6)) + "px";
  tip.style.top = (y + 18 + tip.offsetHeight > innerHeight ? y - tip.offsetHeight - 10 : y + 18) + "px";
}

function step(plot, key) {
  const marks = [...plot.querySelectorAll("[data-tip]")], now = marks.indexOf(at);
  const row = plot.classList.contains("week") ? 24 : 1;
  const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row };
  let next = key === "Home" ? 0 : key === "End" ? marks.length - 1 : now < 0 ? 0 : now + moves[key];
  next = Math.max(0, Math.min(marks.length - 1, next));
  const box = marks[next].getBoundingClientRect();
  show(marks[next], box.left + box.width / 2, Math.min(box.bottom, box.top + 60));
}

for (const plot of document.querySelectorAll("svg.plot")) {
  plot.addEventListener("pointermove", (e) => {
    const mark = e.target.closest("[data-tip]");
    if (mark) show(mark, e.clientX, e.clientY); else hide();
  });
  plot.addEventListener("pointerleave", hide);
  plot.addEventListener("blur", hide);
  plot.addEventListener("keydown", (e) => {
    if (e.key === "Escape") hide();
    if (!["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp", "Home", "End"].includes(e.key) || !plot.querySelector("[data-tip]")) return;
    e.preventDefault();
    step(plot, e.key);
  });
}
addEventListener("scroll", hide, { passive: true });

let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const d of closed) d.open = true;
});
addEventListener("afterprint", () => { for (const d of closed) d.open = false; });

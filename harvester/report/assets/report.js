"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  for (const head of table.querySelectorAll("thead th:not(.plain)")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(table, head));
  }
}
function sort(table, head) {
  const column = [...head.parentNode.children].indexOf(head);
  const isNumber = head.hasAttribute("data-number");
  const first = isNumber ? "descending" : "ascending";
  const other = isNumber ? "ascending" : "descending";
  const order = head.getAttribute("aria-sort") === first ? other : first;
  for (const each of head.parentNode.children) each.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", order);
  const sign = order === "ascending" ? 1 : -1;
  const value = (row) => {
    const cell = row.children[column];
    return isNumber ? Number(cell.dataset.value) : cell.textContent.trim();
  };
  const compare = (a, b) => (isNumber ? a - b : a.localeCompare(b));
  const rows = [...table.tBodies[0].rows].sort((a, b) => sign * compare(value(a), value(b)));
  table.tBodies[0].append(...rows);
}
for (const field of document.querySelectorAll("[data-search]")) {
  const rows = document.getElementById(field.dataset.search).tBodies[0].rows;
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
}
const tip = document.getElementById("tip");
function say(mark, x, y) {
  tip.textContent = mark.getAttribute("aria-label");
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.max(8, Math.min(x + 12, innerWidth - box.width - 8)) + "px";
  tip.style.top = Math.max(8, y - box.height - 12) + "px";
}
for (const chart of document.querySelectorAll(".chart [tabindex]")) {
  const marks = [...chart.querySelectorAll("[role=graphics-symbol][aria-label]")];
  let at = -1;
  const leave = () => {
    if (marks[at]) marks[at].classList.remove("here");
    tip.hidden = true;
  };
  chart.addEventListener("pointermove", (event) => {
    const mark = event.target.closest("[role=graphics-symbol][aria-label]");
    if (mark) say(mark, event.clientX, event.clientY);
    else tip.hidden = true;
  });
  chart.addEventListener("pointerleave", leave);
  chart.addEventListener("blur", leave);
  chart.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") leave();
    if (!step || !marks.length) return;
    event.preventDefault();
    leave();
    at = (at + step + marks.length) % marks.length;
    marks[at].classList.add("here");
    const box = marks[at].getBoundingClientRect();
    say(marks[at], box.left, box.top);
  });
}

"use strict";
const box = document.getElementById("filter");
const rows = [...document.querySelectorAll("#modes tbody tr")];
const texts = rows.map((row) => row.textContent.toLowerCase());
box.closest("p").hidden = false;
box.addEventListener("input", () => {
  const words = box.value.toLowerCase().split(/\s+/);
  rows.forEach((row, at) => { row.hidden = !words.every((word) => texts[at].includes(word)); });
  const shown = rows.filter((row) => !row.hidden).length;
  document.getElementById("filtered").textContent = box.value ? `${shown} of ${rows.length}` : "";
});

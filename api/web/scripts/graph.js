// Pictures that can be moved and zoomed: by mouse, by touch, and by the keys. Without this script they scroll.

import { select } from "d3-selection";
import { zoom, zoomIdentity } from "d3-zoom";

const STEP = 60; // units of the picture for one press of an arrow key

for (const picture of document.querySelectorAll("[data-picture]")) movable(picture);

function movable(picture) {
  const svg = select(picture.querySelector("svg"));
  const content = svg.select("g");
  const mover = zoom()
    .scaleExtent([0.5, 6])
    .filter(wanted)
    .on("zoom", ({ transform }) => content.attr("transform", transform));
  svg.call(mover);
  picture.classList.add("movable");

  const moves = {
    ArrowLeft: () => svg.call(mover.translateBy, STEP, 0),
    ArrowRight: () => svg.call(mover.translateBy, -STEP, 0),
    ArrowUp: () => svg.call(mover.translateBy, 0, STEP),
    ArrowDown: () => svg.call(mover.translateBy, 0, -STEP),
    "+": () => svg.call(mover.scaleBy, 1.25),
    "-": () => svg.call(mover.scaleBy, 0.8),
    0: () => svg.call(mover.transform, zoomIdentity),
  };
  picture.addEventListener("keydown", (event) => {
    if (!moves[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    moves[event.key]();
  });

  const buttons = picture.previousElementSibling;
  if (!buttons?.matches("[data-zoom]")) return;
  buttons.hidden = false;
  buttons.addEventListener("click", (event) => {
    const by = Number(event.target.closest("button")?.dataset.by);
    if (by > 0) svg.call(mover.scaleBy, by);
    else if (by === 0) svg.call(mover.transform, zoomIdentity);
  });
}

// The wheel and a single finger scroll the page, as everywhere; with the control key, or two fingers, they zoom.
function wanted(event) {
  if (event.type === "wheel") return event.ctrlKey || event.metaKey;
  if (event.touches) return event.touches.length > 1;
  return !event.button;
}

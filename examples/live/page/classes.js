// How classes are shown: their names as words, their colours.
//
// The colours are those of Okabe and Ito (Color Universal Design, 2008), which people with any
// colour vision tell apart; from the ninth class on they come again with stripes.

const COLOURS = [
  "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#8a8a8a",
];
const UNKNOWN = "#8a8a8a";
const STRIPE = "rgb(255 255 255 / 55%)";

/** WALKING_UPSTAIRS as "Walking upstairs". */
export function words(name) {
  const text = name.replaceAll("_", " ").toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function colour(index) {
  return index < 0 ? UNKNOWN : COLOURS[index % COLOURS.length];
}

export function striped(index) {
  return index >= COLOURS.length;
}

/** The same as a CSS background. */
export function background(index) {
  const plain = colour(index);
  if (!striped(index)) return plain;
  return `repeating-linear-gradient(45deg, ${plain} 0 4px, color-mix(in srgb, ${plain}, white 55%) 4px 7px)`;
}

/** The same as a fill of `context`. */
export function fill(context, index) {
  if (!striped(index)) return colour(index);
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = colour(index);
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = STRIPE;
  pen.lineWidth = 2.5;
  pen.beginPath();
  for (const x of [-8, 0, 8]) {
    pen.moveTo(x - 2, 10);
    pen.lineTo(x + 10, -2);
  }
  pen.stroke();
  return context.createPattern(tile, "repeat");
}

/** Black or white, whichever is read more easily on the colour of a class. */
export function ink(index) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour(index).slice(at, at + 2), 16));
  return striped(index) || 0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#111" : "#fff";
}

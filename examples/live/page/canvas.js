// A canvas as sharp as the screen, in CSS pixels.

/** The pen of `canvas` cleared, with its width and height, scaled to the screen's pixels. */
export function cleared(canvas) {
  const { width, height } = canvas.getBoundingClientRect();
  const scale = devicePixelRatio || 1;
  const [columns, rows] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns;
    canvas.height = rows;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height };
}

/** A custom property of the style sheet. */
export function style(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

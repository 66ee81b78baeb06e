// What is drawn on the chart beside its lines. The style sheet's .key has the same shapes.

/** Heights in pixels of the marks at the foot of the chart. */
const heights = {warning: 6, error: 12};

/** Spans of time [from, to] as bands of the chart's height, each wide enough to be seen. */
export function drawBands({ctx, bbox, valToPos, scales}, bands, colour) {
  const {min, max} = scales.x;
  ctx.save();
  ctx.fillStyle = colour;
  for (const [from, to] of bands) {
    if (to < min || from > max) continue;
    const left = valToPos(Math.max(from, min), 'x', true);
    const right = valToPos(Math.min(to, max), 'x', true);
    ctx.fillRect(left, bbox.top, Math.max(right - left, 2 * devicePixelRatio), bbox.height);
  }
  ctx.restore();
}

/** {seconds, level} as marks at the foot, an error's higher than a warning's. */
export function drawMarks({ctx, bbox, valToPos, scales}, marks, colours) {
  const {min, max} = scales.x;
  const width = 2 * devicePixelRatio;
  ctx.save();
  for (const {seconds, level} of marks) {
    if (!(seconds >= min && seconds <= max)) continue;
    const height = heights[level] * devicePixelRatio;
    ctx.fillStyle = colours[level];
    ctx.fillRect(Math.round(valToPos(seconds, 'x', true)) - width / 2, bbox.top + bbox.height - height, width, height);
  }
  ctx.restore();
}

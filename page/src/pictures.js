// A batch's samples as one sheet of pictures. Pure.

/** The base64 text's bytes. */
export function bytesOf(base64) {
  const binary = atob(base64);
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

/**
 * Puts `count` pictures of `channels` (1 or 3) bytes a pixel into rows of `columns`, one pixel apart. Returns {width, height,
 * rgba}; what no picture covers is transparent. Null where there are fewer bytes than the pictures need.
 */
export function contactSheet({width, height, channels, count, pixels}, columns) {
  const bytes = bytesOf(pixels);
  if (count < 1 || bytes.length < count * width * height * channels) return null;
  const rows = Math.ceil(count / columns);
  const across = Math.min(columns, count);
  const sheet = {width: across * (width + 1) - 1, height: rows * (height + 1) - 1};
  const rgba = new Uint8ClampedArray(sheet.width * sheet.height * 4);
  let from = 0;
  for (let picture = 0; picture < count; ++picture) {
    const left = (picture % columns) * (width + 1);
    const top = Math.floor(picture / columns) * (height + 1);
    for (let y = 0; y < height; ++y) {
      let to = ((top + y) * sheet.width + left) * 4;
      for (let x = 0; x < width; ++x, from += channels, to += 4) {
        rgba[to] = bytes[from];
        rgba[to + 1] = bytes[channels === 3 ? from + 1 : from];
        rgba[to + 2] = bytes[channels === 3 ? from + 2 : from];
        rgba[to + 3] = 255;
      }
    }
  }
  return {...sheet, rgba};
}

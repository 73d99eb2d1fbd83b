/**
 * A smooth line through points that never overshoots them: monotone cubic Hermite interpolation.
 * Steffen 1990, https://ui.adsabs.harvard.edu/abs/1990A%26A...239..443S
 */

/** @typedef {[number, number]} Point */

export class Curve {
  #points;
  #slopes;

  /** @param {Point[]} points with rising x, at least one */
  constructor(points) {
    this.#points = points;
    this.#slopes = slopesOf(points);
  }

  /** The height at `x`, level beyond either end. @param {number} x */
  at(x) {
    const points = this.#points;
    const next = points.findIndex(([px]) => px > x);
    if (next <= 0) return points[next === 0 ? 0 : points.length - 1][1];
    const [[x0, y0], [x1, y1]] = [points[next - 1], points[next]];
    const width = x1 - x0;
    const t = (x - x0) / width;
    const [m0, m1] = [this.#slopes[next - 1] * width, this.#slopes[next] * width];
    return (
      (2 * t ** 3 - 3 * t ** 2 + 1) * y0 +
      (t ** 3 - 2 * t ** 2 + t) * m0 +
      (3 * t ** 2 - 2 * t ** 3) * y1 +
      (t ** 3 - t ** 2) * m1
    );
  }

  /** The line as SVG path data. */
  path() {
    return this.#points.map((point, index) => this.#command(point, index)).join("");
  }

  /** @param {Point} point @param {number} index */
  #command([x, y], index) {
    if (index === 0) return `M${round(x)},${round(y)}`;
    const [x0, y0] = this.#points[index - 1];
    const third = (x - x0) / 3;
    const controls = [x0 + third, y0 + third * this.#slopes[index - 1], x - third, y - third * this.#slopes[index]];
    return `C${[...controls, x, y].map(round).join(",")}`;
  }
}

/** @param {number[]} values */
export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** @param {number} value */
const round = (value) => Math.round(value * 100) / 100;

/** @param {Point[]} points */
function slopesOf(points) {
  const rises = points.slice(1).map(([x, y], index) => (y - points[index][1]) / (x - points[index][0]));
  if (rises.length === 0) return [0];
  const inner = rises.slice(1).map((rise, index) => innerSlope(rises[index], rise, points, index + 1));
  const slopes = [rises[0], ...inner, rises[rises.length - 1]];
  slopes[0] = endSlope(slopes[0], slopes[1]);
  slopes[slopes.length - 1] = endSlope(rises[rises.length - 1], slopes[slopes.length - 2]);
  return slopes;
}

/**
 * No steeper than either side allows; flat at a turning point.
 *
 * @param {number} before
 * @param {number} after
 * @param {Point[]} points
 * @param {number} index
 */
function innerSlope(before, after, points, index) {
  const [left, right] = [points[index][0] - points[index - 1][0], points[index + 1][0] - points[index][0]];
  const weighted = (before * right + after * left) / (left + right);
  const steepest = Math.min(Math.abs(before), Math.abs(after), Math.abs(weighted) / 2);
  return (Math.sign(before) + Math.sign(after)) * steepest;
}

/** The slope at either end, from the neighbouring slope. @param {number} slope @param {number} neighbour */
function endSlope(slope, neighbour) {
  const eased = (3 * slope - neighbour) / 2;
  return Math.sign(eased) === Math.sign(slope) ? eased : 0;
}

/** The microphone's level over the last seconds, drawn on a canvas. */

const BAR = 3;
const GAP = 3;
const INTERVAL_MS = 70;
const MAX_BARS = 400;

export class LevelMeter {
  #canvas;
  /** @type {number[]} */
  #levels = [];
  #frame = 0;
  #drawnAt = 0;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
  }

  /** Draw a level (0 to 1) until `stop`. @param {() => number} level */
  start(level) {
    this.#levels = [];
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const interval = INTERVAL_MS * (still ? 4 : 1);
    const step = (/** @type {number} */ now) => {
      if (now - this.#drawnAt >= interval) {
        this.#drawnAt = now;
        this.#levels = still ? [level()] : [...this.#levels.slice(-MAX_BARS), level()];
        this.#draw(still);
      }
      this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  stop() {
    cancelAnimationFrame(this.#frame);
  }

  /** @param {boolean} still */
  #draw(still) {
    const { clientWidth, clientHeight } = this.#canvas;
    this.#canvas.width = clientWidth * devicePixelRatio;
    this.#canvas.height = clientHeight * devicePixelRatio;
    const context = this.#canvas.getContext("2d");
    if (!context) return;
    context.scale(devicePixelRatio, devicePixelRatio);
    context.fillStyle = getComputedStyle(this.#canvas).color;
    if (still) context.fillRect(0, clientHeight / 2 - BAR, this.#levels[0] * clientWidth, BAR * 2);
    else this.#drawHistory(context, clientWidth, clientHeight);
  }

  /**
   * Bars from the right, newest first.
   *
   * @param {CanvasRenderingContext2D} context
   * @param {number} width
   * @param {number} height
   */
  #drawHistory(context, width, height) {
    this.#levels.toReversed().forEach((level, index) => {
      const bar = Math.max(BAR, level * height);
      context.beginPath();
      context.roundRect(width - (index + 1) * (BAR + GAP), (height - bar) / 2, BAR, bar, BAR / 2);
      context.fill();
    });
  }
}

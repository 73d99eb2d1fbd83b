/** The microphone's level as it was over the last seconds, drawn on a canvas. */

const BAR = 3;
const GAP = 3;
const EVERY_MS = 70;

export class Meter {
  #canvas;
  #levels = [];
  #frame = 0;
  #last = 0;

  constructor(canvas) {
    this.#canvas = canvas;
  }

  /** Draw what `level` (0..1) says, until `stop`. */
  start(level) {
    this.#levels = [];
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const step = (now) => {
      if (now - this.#last >= EVERY_MS * (still ? 4 : 1)) {
        this.#last = now;
        this.#levels = still ? [level()] : [...this.#levels.slice(-400), level()];
        (still ? this.#drawNow : this.#drawPast).call(this, this.#prepared());
      }
      this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  stop() {
    cancelAnimationFrame(this.#frame);
  }

  #prepared() {
    const { clientWidth, clientHeight } = this.#canvas;
    const scale = devicePixelRatio;
    this.#canvas.width = clientWidth * scale;
    this.#canvas.height = clientHeight * scale;
    const context = this.#canvas.getContext("2d");
    context.scale(scale, scale);
    context.fillStyle = getComputedStyle(this.#canvas).color;
    return context;
  }

  /** Bars from the right, newest first. */
  #drawPast(context) {
    const { clientWidth, clientHeight } = this.#canvas;
    this.#levels.toReversed().forEach((level, index) => {
      const height = Math.max(BAR, level * clientHeight);
      context.beginPath();
      context.roundRect(clientWidth - (index + 1) * (BAR + GAP), (clientHeight - height) / 2, BAR, height, BAR / 2);
      context.fill();
    });
  }

  /** One bar that does not travel. */
  #drawNow(context) {
    const { clientWidth, clientHeight } = this.#canvas;
    context.fillRect(0, clientHeight / 2 - BAR, this.#levels[0] * clientWidth, BAR * 2);
  }
}

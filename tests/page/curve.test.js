import assert from "node:assert/strict";
import { test } from "node:test";
import { Curve, mean } from "../../functions/journal/page/entry/curve.js";

const POINTS = [
  [0, 0],
  [10, 100],
  [20, 20],
  [40, 20],
  [50, 80],
];

test("the curve passes through its points", () => {
  const curve = new Curve(POINTS);
  for (const [x, y] of POINTS) assert.ok(Math.abs(curve.at(x) - y) < 1e-9, `${x}: ${curve.at(x)}`);
});

test("the curve never overshoots its points", () => {
  const curve = new Curve(POINTS);
  for (let index = 1; index < POINTS.length; index += 1) {
    const [[x0, y0], [x1, y1]] = [POINTS[index - 1], POINTS[index]];
    for (let x = x0; x <= x1; x += (x1 - x0) / 50) {
      const y = curve.at(x);
      assert.ok(y >= Math.min(y0, y1) - 1e-9 && y <= Math.max(y0, y1) + 1e-9, `${x}: ${y}`);
    }
  }
});

test("the curve rises where its points rise", () => {
  const curve = new Curve([
    [0, 0],
    [1, 1],
    [2, 10],
    [3, 11],
  ]);
  let last = -Infinity;
  for (let x = 0; x <= 3; x += 0.01) {
    assert.ok(curve.at(x) >= last - 1e-9);
    last = curve.at(x);
  }
});

test("beyond its ends the curve is level", () => {
  const curve = new Curve(POINTS);
  assert.equal(curve.at(-5), 0);
  assert.equal(curve.at(99), 80);
});

test("one point is a level line", () => {
  const curve = new Curve([[3, 7]]);
  assert.deepEqual([curve.at(0), curve.at(3), curve.at(9)], [7, 7, 7]);
  assert.equal(curve.path(), "M3,7");
});

test("a straight line has control points on it", () => {
  const curve = new Curve([
    [0, 0],
    [30, 30],
  ]);
  assert.equal(curve.path(), "M0,0C10,10,20,20,30,30");
});

test("the mean of several values", () => {
  assert.equal(mean([1, 2, 6]), 3);
});

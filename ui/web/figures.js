"use strict";
// How long frames take.

// Figures measures frames: window.detourFigures has the last ones, in milliseconds.
class Figures {
  constructor() {
    this.frames = [];
    window.detourFigures = this;
  }

  begin() {
    performance.mark("detour-frame");
  }

  end() {
    const took = performance.measure("detour-frame", "detour-frame").duration;
    performance.clearMarks("detour-frame");
    performance.clearMeasures("detour-frame");
    this.frames.push(took);
    if (this.frames.length > 10000) this.frames.splice(0, 5000);
  }

  // quantile returns the time that a share q of the frames didn't exceed.
  quantile(q) {
    const sorted = [...this.frames].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
  }
}


// Draws the page's plots with uPlot in place of their pictures: the values under the
// pointer stand below, dragging zooms in, a double click shows all again.
(() => {
  const colours = ["#2a7fba", "#3da35d", "#3fb5b0", "#d98e04", "#d64545", "#8e6bbf"];
  const height = 240;
  const number = v => v == null ? "–" : v >= 100 || Number.isInteger(v) ? Math.round(v).toLocaleString("en") : v.toPrecision(3);
  const share = v => v == null ? "–" : (100 - 100 * 10 ** -v).toFixed(Math.max(0, Math.ceil(v) - 1)).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "") + " %";
  const colour = name => getComputedStyle(document.body).getPropertyValue(name) || getComputedStyle(document.body).color;

  // Marks the seconds that stalled.
  const shade = slow => u => {
    u.ctx.save();
    u.ctx.fillStyle = "#d6454530";
    for (const s of slow) {
      const from = Math.max(u.valToPos(s, "x", true), u.bbox.left);
      const to = Math.min(u.valToPos(s + 1, "x", true), u.bbox.left + u.bbox.width);
      if (to > from) u.ctx.fillRect(from, u.bbox.top, to - from, u.bbox.height);
    }
    u.ctx.restore();
  };

  // Steps of the bottom axis: nines and seconds are whole.
  const whole = {share: {incrs: [1, 2]}, time: {incrs: [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600]}, clients: {}, rooms: {}};

  const draw = (figure, d) => {
    const place = figure.querySelector(".plot");
    const along = d.axis == "share" ? share : number;
    const ink = () => getComputedStyle(document.body).color;
    const grid = {stroke: "#8884", width: 1};
    const last = d.values[0][d.values[0].length - 1];
    const plot = new uPlot({
      width: place.clientWidth, height,
      padding: [12, 28, 0, 0],
      cursor: {drag: {x: true, y: false}},
      scales: {
        x: {time: false, range: (u, min, max) => max > min ? [min, max] : [0, Math.max(1, last)]},
        y: d.log ? {distr: 3} : {range: (u, min, max) => [0, Math.max(max * 1.1, 1)]},
      },
      axes: [
        {stroke: ink, grid, ticks: grid, space: 60, values: (u, at) => at.map(v => v == null ? "" : along(v)), ...whole[d.axis]},
        {stroke: ink, grid, ticks: grid, size: 58, values: (u, at) => at.map(v => v == null ? "" : number(v)), label: d.y, labelSize: 18, labelGap: 0},
      ],
      series: [
        {label: d.x, value: (u, v) => along(v)},
        ...d.names.map((label, i) => ({label, stroke: colours[i], width: 2, points: {show: d.values[0].length < 2, size: 6}, value: (u, v) => number(v) + (v == null || !d.log ? "" : " " + d.y)})),
      ],
      hooks: {drawClear: [shade(d.slow || [])]},
    }, d.values, place);
    new ResizeObserver(() => plot.setSize({width: place.clientWidth, height})).observe(place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot.redraw(false, true));
  };

  const all = JSON.parse(document.getElementById("plots").textContent);
  document.body.classList.add("live");
  document.querySelectorAll("figure").forEach((figure, i) => draw(figure, all[i]));
})();

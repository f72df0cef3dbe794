// The charts themselves. Each is made anew when the colour scheme changes.
'use strict';

const charts = []; // every chart on the page
window.cairnCharts = charts;

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
}

const pointStyles = ['circle', 'rect', 'triangle', 'rectRot', 'star', 'crossRot', 'rectRounded', 'cross'];

function pointStyle(strategy) {
  return pointStyles[strategyNames.indexOf(strategy) % pointStyles.length];
}

function commonOptions() {
  Chart.defaults.color = colour('quiet');
  Chart.defaults.borderColor = colour('grid');
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 12;
  return {
    animation: false,
    maintainAspectRatio: false,
    plugins: {
      legend: {display: false},
      tooltip: {backgroundColor: colour('ink'), titleColor: colour('ground'), bodyColor: colour('ground'),
                padding: 10, boxPadding: 4, usePointStyle: true},
    },
  };
}

function scale(title, metric) {
  return {
    type: metric && metric.log ? 'logarithmic' : 'linear',
    beginAtZero: !(metric && metric.log),
    title: {display: !!title, text: title},
    ticks: {maxTicksLimit: 6, callback: value => metric ? metric.show(value) : value},
  };
}

function draw(canvas, config) {
  const chart = new Chart(canvas, config);
  charts.push(chart);
  return chart;
}

function seriesOf(axis, metric, labels, strategy, simulated) {
  const cells = cellsOf(axis.name, simulated).filter(cell => cell.strategy === strategy);
  if (cells.length === 0) return null;
  const at = labels.map(label => cells.find(cell => axis.of(cell.load) === label) || null);
  return {
    label: strategy + (simulated ? ', simulated' : ''),
    data: at.map(cell => cell && (metric.log ? cell.median[metric.name] || null : cell.median[metric.name])),
    cells: at,
    borderColor: colour(strategy),
    backgroundColor: colour(strategy),
    pointStyle: pointStyle(strategy),
    borderWidth: simulated ? 1 : 2,
    borderDash: simulated ? [4, 3] : [],
    pointRadius: simulated ? 0 : 4,
    pointHitRadius: 8,
    spanGaps: true,
  };
}

function rangeText(cell, metric) {
  const [low, high] = [cell.low[metric.name], cell.high[metric.name]];
  return low === high ? '' : ' (' + metric.show(low) + ' to ' + metric.show(high) + ')';
}

// One metric along one axis: a line for each strategy, measured and simulated.
function drawLines(canvas, axis, metric) {
  const labels = valuesOf([...cellsOf(axis.name, false), ...cellsOf(axis.name, true)], axis.of);
  const datasets = [false, true].flatMap(
      simulated => strategyNames.map(strategy => seriesOf(axis, metric, labels, strategy, simulated)))
      .filter(series => series !== null);
  const options = commonOptions();
  options.interaction = {mode: 'index', intersect: false};
  options.scales = {x: {title: {display: true, text: axis.label}}, y: scale('', metric)};
  options.plugins.tooltip.callbacks = {
    title: items => items.length ? items[0].label + ' ' + axis.label : '',
    label: item => item.dataset.label + ': ' + metric.show(item.dataset.cells[item.dataIndex].median[metric.name]) +
        rangeText(item.dataset.cells[item.dataIndex], metric),
  };
  draw(canvas, {type: 'line', data: {labels: labels.map(String), datasets}, options});
}

// Groups of bars: one group for each label, one bar for each strategy.
function drawBars(canvas, metric, labels, cellAt) {
  const options = commonOptions();
  const names = strategyNames.filter(strategy => labels.some((label, index) => cellAt(index, strategy)));
  const datasets = names.map(strategy => ({
    label: strategy,
    data: labels.map((label, index) => {
      const cell = cellAt(index, strategy);
      return cell ? metric.of ? metric.of(cell) : cell.median[metric.name] : null;
    }),
    backgroundColor: colour(strategy),
    maxBarThickness: 26,
  }));
  options.interaction = {mode: 'index', intersect: false};
  options.scales = {x: {grid: {display: false}}, y: scale(metric.axis || '', metric)};
  options.plugins.tooltip.callbacks = {label: item => item.dataset.label + ': ' + metric.show(item.parsed.y)};
  draw(canvas, {type: 'bar', data: {labels, datasets}, options});
}

// All strategies of one square of the map; returns what shows another square.
function drawSquare(canvas, square) {
  const options = commonOptions();
  const metric = {...metrics[0], log: false};
  options.indexAxis = 'y';
  options.scales = {x: scale('accepted a second', metric), y: {grid: {display: false}}};
  options.plugins.tooltip.callbacks = {label: item => metric.show(item.parsed.x) + ' accepted/s'};
  const dataOf = shown => ({
    labels: shown.cells.map(cell => cell.strategy),
    datasets: [{data: shown.cells.map(cell => cell.median.accepted_per_s),
                backgroundColor: shown.cells.map(cell => colour(cell.strategy)), maxBarThickness: 26}],
  });
  const chart = draw(canvas, {type: 'bar', data: dataOf(square), options});
  return shown => {
    chart.data = dataOf(shown);
    chart.update();
  };
}

// The crossover map: a square for each think time and contention, in the colour of the best strategy. `show` is
// called with the square under the pointer.
function drawMap(canvas, squares, show) {
  const xs = [...new Set(squares.map(square => square.x))].sort((a, b) => a - b);
  const ys = [...new Set(squares.map(square => square.y))].sort((a, b) => a - b);
  const options = commonOptions();
  const side = context => {
    const area = context.chart.chartArea;
    if (!area) return 10;
    return Math.max(4, Math.min(area.width / xs.length, area.height / ys.length) / Math.SQRT2 - 3);
  };
  const category = (values, title, show) => ({
    type: 'linear', min: -0.5, max: values.length - 0.5, offset: false, grid: {display: false},
    title: {display: true, text: title},
    afterBuildTicks: scaleOf => { scaleOf.ticks = values.map((value, index) => ({value: index})); },
    ticks: {autoSkip: false, maxRotation: 0, callback: index => values[index] === undefined ? '' : show(values[index])},
  });
  options.scales = {
    x: category(xs, 'think time, ms', String),
    y: category(ys, 'clients for each entity', value => value >= 1 ? String(value) : '1 / ' + plain(1 / value)),
  };
  options.plugins.tooltip.callbacks = {
    title: items => items.length ? items[0].raw.square.even.join(' = ') : '',
    label: item => item.raw.square.cells.map(
        cell => cell.strategy + ': ' + plain(cell.median.accepted_per_s) + ' accepted/s, ' +
            duration(cell.median.cpu_us_per_accept) + ' CPU each'),
    footer: items => items.length ? describeLoad(items[0].raw.square.cells[0].load) : '',
  };
  options.plugins.tooltip.footerColor = colour('ground');
  options.onHover = (event, hit) => { if (hit.length > 0) show(hit[0].element.$context.raw.square); };
  const datasets = strategyNames.map(strategy => ({
    label: strategy,
    data: squares.filter(square => square.best === strategy)
        .map(square => ({x: xs.indexOf(square.x), y: ys.indexOf(square.y), square})),
    backgroundColor: colour(strategy),
    borderColor: colour('card'),
    pointStyle: 'rect',
    radius: side,
    hoverRadius: side,
    hoverBorderColor: colour('ink'),
    hoverBorderWidth: 2,
  })).filter(series => series.data.length > 0);
  draw(canvas, {type: 'scatter', data: {datasets}, options});
}

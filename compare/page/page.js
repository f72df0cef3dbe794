// The page around the charts.
'use strict';

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const drawings = []; // what to draw, again and again

function plot(kind, drawing, label) {
  const canvas = element('canvas', {role: 'img', 'aria-label': label});
  drawings.push(() => drawing(canvas));
  return element('div', {class: 'plot ' + kind}, canvas);
}

function drawAll() {
  while (charts.length > 0) charts.pop().destroy();
  for (const drawing of drawings) drawing();
}

function keys(names) {
  return element('ul', {class: 'keys'}, ...names.map(name => {
    const spot = element('span');
    spot.style.background = `var(--${name})`;
    return element('li', {title: notes.get(name).what}, spot, name);
  }));
}

function namesIn(cells) {
  return strategyNames.filter(name => cells.some(cell => cell.strategy === name));
}

function section(title, lead, ...children) {
  return element('section', {}, element('h2', {}, title), element('p', {class: 'lead'}, lead), ...children);
}

function choice(label, pressed, act) {
  const button = element('button', {type: 'button', 'aria-pressed': String(pressed)}, label);
  button.addEventListener('click', () => {
    for (const other of button.parentElement.children) other.setAttribute('aria-pressed', String(other === button));
    act();
    drawAll();
  });
  return button;
}

function mapSection() {
  const sources = [true, false].filter(simulated => cellsOf('map', simulated).length > 0);
  if (sources.length === 0) return [];
  let simulated = sources[0];
  const kinds = [
    ['decided on what was seen', note => note.decides_on_seen && !note.needs_parts],
    ['the same, of entities with four parts', note => note.decides_on_seen],
    ['good on any state', () => true],
  ];
  let eligible = kinds[0][1];
  const names = element('div');
  const title = element('h3');
  let show = () => {};
  const squaresNow = () => mapSquares(cellsOf('map', simulated), note => !note.loses_updates && eligible(note));
  const drawing = canvas => {
    const squares = squaresNow();
    names.replaceChildren(keys(strategyNames.filter(name => squares.some(square => square.best === name))));
    drawMap(canvas, squares, square => {
      title.textContent = describeLoad(square.cells[0].load);
      show(square);
    });
  };
  const drawingSquare = canvas => {
    const hardest = squaresNow().sort((a, b) => b.y - a.y || a.x - b.x)[0];
    title.textContent = describeLoad(hardest.cells[0].load);
    show = drawSquare(canvas, hardest);
  };
  const commands = element('div', {class: 'choices'}, ...kinds.map(
      ([label, test], index) => choice(label, index === 0, () => { eligible = test; })));
  const origin = element('div', {class: 'choices'}, ...sources.map(
      one => choice(one ? 'simulated' : 'measured', one === simulated,
          () => { simulated = one; source.textContent = how(); })));
  const how = () => simulated ? 'All of it in simulated time, by the cost model below: nothing here was measured.' : 'Measured.';
  const source = element('p', {class: 'quiet source'}, how());
  return [section('Where which strategy is best' + (sources.includes(false) ? '' : ', simulated'),
      'Each square is a workload of 64 clients: further right they think longer, further up more of them ' +
      'share an entity. Its colour is the fastest strategy; of those within 5 %, the one that takes least CPU time; and of those within ' +
      '5 % there too, the simplest.',
      element('div', {class: 'card'}, element('p', {class: 'quiet'}, 'Commands are'), commands,
          ...(sources.length > 1 ? [origin] : []), source, names, element('div', {class: 'pair'},
              plot('map', drawing, 'Crossover map'),
              element('div', {}, title, plot('square', drawingSquare, 'Strategies of one square')))))];
}

function axisSections() {
  return axes.flatMap(axis => {
    const cells = [...cellsOf(axis.name, false), ...cellsOf(axis.name, true)];
    if (cells.length === 0) return [];
    const grid = element('div', {class: 'charts'}, ...metrics.map(
        metric => element('div', {class: 'card'}, element('h3', {}, metric.title),
            plot('', canvas => drawLines(canvas, axis, metric), metric.title + ' by ' + axis.label))));
    return [section(axis.title, axis.lead + ' Solid: measured, the median of the repetitions. Dashed: simulated.',
        keys(namesIn(cells)), grid)];
  });
}

// Presets and single workloads: no axis, so bars.
function workloadSections() {
  const series = new Set(['map', ...axes.map(axis => axis.name)]);
  const others = good.filter(cell => !series.has(cell.load.name));
  if (others.length === 0) return [];
  const measured = others.some(cell => !cell.simulated);
  const shown = others.filter(cell => cell.simulated !== measured);
  const labels = [...new Set(shown.map(cell => cell.load.name))];
  const at = (index, strategy) =>
      shown.find(cell => cell.load.name === labels[index] && cell.strategy === strategy);
  const lead = labels.map(name => name + ': ' + describeLoad(shown.find(cell => cell.load.name === name).load))
      .join('; ') + '.';
  const grid = element('div', {class: 'charts'}, ...metrics.map(
      metric => element('div', {class: 'card'}, element('h3', {}, metric.title),
          plot(labels.length > 2 ? 'wide' : '', canvas => drawBars(canvas, metric, labels, at), metric.title))));
  return [section(measured ? 'Workloads, measured' : 'Workloads, simulated', lead, keys(namesIn(shown)), grid)];
}

// Measured and simulated, side by side.
function modelSection() {
  const pairs = good.filter(cell => !cell.simulated).map(cell => ({
    cell,
    twin: good.find(other => other.simulated && other.strategy === cell.strategy &&
        other.load.name === cell.load.name && describeLoad(other.load) === describeLoad(cell.load)),
  })).filter(pair => pair.twin && pair.cell.median.accepted_per_s > 0);
  if (pairs.length === 0) return [];
  const labels = [...new Set(pairs.map(pair => describeLoad(pair.cell.load)))];
  const ratio = {
    show: plain, log: true, axis: 'simulated / measured',
    of: pair => pair.twin.median.accepted_per_s / pair.cell.median.accepted_per_s,
  };
  const at = (index, strategy) => pairs.find(
      pair => describeLoad(pair.cell.load) === labels[index] && pair.cell.strategy === strategy);
  return [section('How far the model can be trusted',
      'Accepted commands a second in simulated time, as a multiple of what was measured in the same cell: 1 is right.',
      keys(namesIn(pairs.map(pair => pair.cell))),
      element('div', {class: 'card'}, plot('wide', canvas => drawBars(canvas, ratio, labels, at), 'Model error')))];
}

function checkSection() {
  const check = report.check;
  if (check.pairs === 0) return [];
  const percent = value => (value >= 0 ? '+' : '−') + number.format(Math.abs(value) * 100) + ' %';
  return [section('What the check itself costs',
      `The single writer with and without an expectation that always holds, by turns of 50 ms, ${check.pairs} pairs: ` +
      `${duration(check.without_us)} CPU time a command without, ${duration(check.with_us)} with it. The difference is ` +
      `${percent(check.difference)} on average; with 95 % confidence it is below ${percent(check.upper_bound_95)}.`)];
}

function tableSection() {
  const head = ['workload', '', 'strategy', 'accepted/s', 'low', 'high', 'conflicts', 'useful', 'CPU', 'p50', 'p95', 'p99',
                'p99.9', 'lost', 'given up', 'most retries', 'slowest', 'batches/s', 'syncs/s'];
  const rows = report.cells.filter(cell => cell.load.name !== 'map').map(cell => {
    const at = cell.median;
    const values = cell.error ? ['error: ' + cell.error] : [plain(at.accepted_per_s), plain(cell.low.accepted_per_s),
      plain(cell.high.accepted_per_s), plain(at.conflicts_per_accept), whole.format(at.useful_share * 100) + ' %',
      duration(at.cpu_us_per_accept), duration(at.p50_us), duration(at.p95_us), duration(at.p99_us), duration(at.p999_us),
      plain(at.lost), plain(at.given_up), plain(at.retries_max), whole.format(at.slowest_share * 100) + ' %',
      plain(at.batches_per_s), plain(at.syncs_per_s)];
    return element('tr', {}, element('td', {}, describeLoad(cell.load)), element('td', {class: 'text'}, cell.simulated ? 'simulated' : 'measured'),
        element('td', {class: 'text'}, cell.strategy), ...values.map(value => element('td', {}, value)));
  });
  return [element('details', {}, element('summary', {}, 'All figures, as a table'),
      element('div', {class: 'scroll'}, element('table', {},
          element('thead', {}, element('tr', {}, ...head.map(text => element('th', {}, text)))), element('tbody', {}, ...rows))))];
}

function methodSection() {
  const costs = Object.entries(report.costs).map(([name, value]) => `${name} ${typeof value === 'number' ? number.format(value) : value}`);
  const facts = [['Version', 'cairn ' + report.version], ['Machine', report.machine], ['Journal', report.journal || '–'],
                 ['Command', report.command], ['Time', report.time || '–'], ['Cost model', costs.join(', ')]];
  return [section('Method',
      'Every client does one thing after the other: it wants a command, follows its strategy until that was accepted, and wants the ' +
      'next; latency runs from wanting it to hearing that it is durable. Think time is exponential and passes again before each ' +
      `retry. Each measured cell runs up to ${report.repetitions} times for ${number.format(report.seconds)} s on a fresh journal, ` +
      'strategies interleaved; then its journal is replayed and compared with what was served, and its accounts are balanced. ' +
      'CPU time is the whole process, clients included. docs/compare.md has the definitions and the threats to validity.',
      element('div', {class: 'card'}, element('h3', {}, 'Strategies'), element('dl', {}, ...report.strategies.flatMap(
          note => [element('dt', {}, note.name), element('dd', {}, note.what)]))),
      element('p', {}),
      element('div', {class: 'card'}, element('dl', {}, ...facts.flatMap(
          ([name, value]) => [element('dt', {}, name), element('dd', {}, name === 'Command' ? element('code', {}, value) : value)]))))];
}

function build() {
  document.getElementById('answer').append(...report.answer.map(
      (text, index) => element('p', report.load.busy && index === 0 ? {class: 'warning'} : {}, text)));
  const broken = report.cells.filter(cell => cell.error !== '').length;
  if (broken > 0) {
    document.getElementById('answer').append(element('p', {class: 'warning'},
        `${broken} cells have no figures: their accounts do not balance, or they failed. The table has the reasons.`));
  }
  if (!report.complete) {
    document.getElementById('answer').append(element('p', {class: 'warning'}, 'Interrupted: this is what was done until then.'));
  }
  document.getElementById('facts').textContent =
      ['cairn ' + report.version, report.machine, report.time].filter(text => text !== '').join(' · ');
  document.getElementById('main').append(...mapSection(), ...axisSections(), ...workloadSections(), ...modelSection(),
                                         ...checkSection(), ...tableSection(), ...methodSection());
  drawAll();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
}

build();

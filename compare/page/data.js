// What the report holds, sorted for drawing.
'use strict';

const report = JSON.parse(document.getElementById('report').textContent);
const good = report.cells.filter(cell => cell.error === '');
const notes = new Map(report.strategies.map(note => [note.name, note]));
const strategyNames = report.strategies.map(note => note.name);

const number = new Intl.NumberFormat('en', {maximumSignificantDigits: 3});
const whole = new Intl.NumberFormat('en', {maximumFractionDigits: 0});

function plain(value) {
  return Math.abs(value) >= 1000 ? whole.format(value) : number.format(value);
}

function duration(us) {
  if (us >= 1e6) return number.format(us / 1e6) + ' s';
  if (us >= 1e3) return number.format(us / 1e3) + ' ms';
  return number.format(us) + ' µs';
}

// What can be drawn of a cell. `log`: values lie apart by orders of magnitude.
const metrics = [
  {name: 'accepted_per_s', title: 'Accepted a second', show: plain, log: true},
  {name: 'conflicts_per_accept', title: 'Conflicts for each accepted command', show: plain},
  {name: 'p99_us', title: 'Latency, p99', show: duration, log: true},
  {name: 'cpu_us_per_accept', title: 'CPU time for each accepted command', show: duration, log: true},
  {name: 'lost', title: 'Lost updates', show: plain},
];

// What the series of cells vary, by the name of their workload.
const axes = [
  {name: 'clients', of: load => load.clients, label: 'clients', title: 'More clients on one entity',
   lead: 'All want the same entity, and none of them thinks in between: the most that contention can do.'},
  {name: 'skew', of: load => load.theta, label: 'theta', title: 'Skew',
   lead: '64 clients on 10,000 entities; the k-th is chosen with a weight of 1 / k^theta.'},
  {name: 'think', of: load => load.think_ms, label: 'think time, ms', title: 'Think time',
   lead: '64 clients on 10,000 entities, all alike; between seeing and sending they take their time.'},
];

function describeLoad(load) {
  const parts = [whole.format(load.clients) + (load.clients === 1 ? ' client' : ' clients'),
                 load.entities === 1 ? 'one entity' : whole.format(load.entities) + ' entities'];
  if (load.theta > 0) parts.push('theta ' + load.theta);
  if (load.think_ms > 0) parts.push(load.think_ms + ' ms think time');
  if (load.read_share > 0) parts.push(whole.format(load.read_share * 100) + ' % reads');
  return parts.join(', ');
}

function cellsOf(name, simulated) {
  return good.filter(cell => cell.load.name === name && cell.simulated === simulated);
}

// The distinct values of an axis, ascending.
function valuesOf(cells, of) {
  return [...new Set(cells.map(cell => of(cell.load)))].sort((a, b) => a - b);
}

// The squares of the crossover map. Within 5 % of the fastest counts as even; of those that are even, the one
// that takes the least CPU time is the best, and of those that are even there too, the simplest.
function mapSquares(cells, eligible) {
  const squares = new Map();
  for (const cell of cells.filter(cell => eligible(notes.get(cell.strategy)))) {
    const x = cell.load.think_ms;
    const y = cell.load.clients / cell.load.entities;
    const key = x + '|' + y;
    if (!squares.has(key)) squares.set(key, {x, y, cells: []});
    squares.get(key).cells.push(cell);
  }
  for (const square of squares.values()) {
    square.cells.sort((a, b) => b.median.accepted_per_s - a.median.accepted_per_s);
    const fastest = square.cells[0].median.accepted_per_s;
    const even = square.cells.filter(cell => cell.median.accepted_per_s >= fastest * 0.95);
    const leastCpu = Math.min(...even.map(cell => cell.median.cpu_us_per_accept));
    const cheapest = even.filter(cell => cell.median.cpu_us_per_accept <= leastCpu * 1.05).map(cell => cell.strategy);
    square.best = strategyNames.find(name => cheapest.includes(name));
    square.even = even.map(cell => cell.strategy);
  }
  return [...squares.values()];
}

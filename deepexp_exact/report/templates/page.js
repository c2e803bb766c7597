'use strict';
(function () {
  // A cell's key: its data-v, the number its text spells, its text, or null where there is none.
  function keyOf(cell) {
    if (cell.dataset.v !== undefined) { return Number(cell.dataset.v); }
    const text = cell.textContent.trim();
    if (text === '' || text === '\u2013') { return null; }
    if (text === '\u221e') { return Infinity; }
    const number = Number(text);
    return Number.isNaN(number) ? text : number;
  }

  // Numbers before texts; what is missing comes last in either direction.
  function compare(x, y, sign) {
    if (x === null || y === null) { return (x === null) - (y === null); }
    if (typeof x !== typeof y) { return typeof x === 'number' ? -1 : 1; }
    if (typeof x === 'number') { return sign * (x < y ? -1 : x > y ? 1 : 0); }
    return sign * x.localeCompare(y, 'en', { numeric: true });
  }

  function sortable(table) {
    const body = table.tBodies[0];
    const original = Array.from(body.rows);
    const heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      head.querySelector('button').addEventListener('click', function () {
        const up = head.getAttribute('aria-sort') !== 'ascending';
        heads.forEach(function (other) { other.setAttribute('aria-sort', 'none'); });
        head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
        const keyed = original.map(function (row) { return [keyOf(row.cells[column]), row]; });
        keyed.sort(function (a, b) { return compare(a[0], b[0], up ? 1 : -1); });
        body.append(...keyed.map(function (pair) { return pair[1]; }));
      });
    });
  }

  // "d=2" in quotes is a whole word; other words may stand anywhere.
  function matcher(text) {
    const words = text.toLowerCase().match(/"[^"]*"|[^\s"]+/g) || [];
    return function (line) {
      return words.every(function (word) {
        return word[0] === '"' ? line.includes(' ' + word.slice(1, -1) + ' ') : line.includes(word);
      });
    };
  }

  function filterable(box) {
    const items = Array.from(
      box.querySelectorAll(box.classList.contains('problems') ? ':scope > details' : 'tbody > tr'));
    const lines = items.map(function (item) {
      const parts = item.cells ? Array.from(item.cells) : [item];
      const words = parts.map(function (part) { return part.textContent; }).join(' ');
      return ' ' + words.toLowerCase().replace(/\s+/g, ' ') + ' ';
    });
    const input = box.querySelector('input'), select = box.querySelector('select');
    const output = box.querySelector('output');
    function apply() {
      const fits = matcher(input.value), label = select ? select.value : '';
      let shown = 0;
      items.forEach(function (item, j) {
        const labels = (item.dataset.labels || '').split(' ');
        item.hidden = !(fits(lines[j]) && (label === '' || labels.includes(label)));
        shown += item.hidden ? 0 : 1;
      });
      output.textContent = shown + ' of ' + items.length + ' ' + output.dataset.noun + ' shown';
    }
    input.addEventListener('input', apply);
    if (select) { select.addEventListener('change', apply); }
  }

  function copy(text, button) {
    function told() {
      const before = button.innerHTML;
      button.textContent = 'copied';
      setTimeout(function () { button.innerHTML = before; }, 1200);
    }
    function byHand() {
      const area = document.createElement('textarea');
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
    const done = navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject();
    done.catch(byHand).then(button ? told : undefined);
  }

  function save() {
    const text = document.getElementById('data').textContent;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    link.download = 'report.json';
    link.click();
    URL.revokeObjectURL(link.href);
  }

  function reveal() {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (target && target.tagName === 'DETAILS') {
      target.hidden = false;
      target.open = true;
      target.scrollIntoView();
    }
  }

  document.querySelectorAll('table.sortable').forEach(sortable);
  document.querySelectorAll('.filterable').forEach(filterable);
  document.addEventListener('click', function (event) {
    const button = event.target.closest('button');
    const run = event.target.closest('.run');
    if (run) {
      copy(run.closest('table').dataset.prefix + run.textContent, run);
    } else if (button && button.classList.contains('copy')) {
      copy(button.parentElement.querySelector('code').textContent, button);
    } else if (button && button.classList.contains('save')) {
      save();
    } else if (button && button.dataset.runs) {
      const input = document.querySelector('.runs input');
      input.value = button.dataset.runs;
      input.dispatchEvent(new Event('input'));
      input.closest('details').open = true;
      input.closest('section').scrollIntoView();
    } else if (button && button.dataset.open) {
      document.querySelectorAll('.problems > details').forEach(function (item) {
        item.open = button.dataset.open === 'yes';
      });
    }
  });
  window.addEventListener('hashchange', reveal);
  reveal();
}());

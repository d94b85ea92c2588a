// Sorts and filters the tables. Without it, the page shows everything in the order of urgency.
'use strict';
(() => {
  // How many rows a table shows at once: a browser lays out thousands of rows slowly.
  const PAGE = 100;
  const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  const status = document.getElementById('count');
  const format = (number, singular) => `${number.toLocaleString('en')} ${singular}${number === 1 ? '' : 's'}`;

  const button = (text) => {
    const made = document.createElement('button');
    made.type = 'button';
    made.textContent = text;
    return made;
  };

  class Table {
    constructor(element) {
      this.element = element;
      this.body = element.tBodies[0];
      this.rows = [...this.body.rows];
      this.matching = this.rows;
      this.size = element.classList.contains('paged') ? PAGE : Infinity;
      this.most = this.size;
      this.heads = [...element.tHead.rows[0].cells];
      this.heads.forEach((head, column) => this.sortable(head, column));
      this.more = button('');
      this.more.className = 'more';
      this.more.addEventListener('click', () => {
        this.most = this.most === PAGE ? PAGE * 10 : Infinity;
        this.render();
        if (this.more.hidden) {
          const heading = element.closest('section').querySelector('[tabindex="-1"]');
          (heading || document.getElementById('main')).focus({ preventScroll: true });
        }
      });
      element.after(this.more);
      this.render();
      element.classList.add('ready');
    }

    sortable(head, column) {
      const sort = button('');
      sort.append(...head.childNodes);
      head.append(sort);
      sort.addEventListener('click', () => {
        const number = head.dataset.sort === 'number';
        // The greatest number is the worst, and comes first.
        const first = number ? 'descending' : 'ascending';
        const second = number ? 'ascending' : 'descending';
        const order = head.getAttribute('aria-sort') === first ? second : first;
        this.heads.forEach((other) => other.removeAttribute('aria-sort'));
        head.setAttribute('aria-sort', order);
        this.sort(column, number, order === 'ascending' ? 1 : -1);
        say(`Sorted by ${sort.textContent}, ${order}`);
      });
    }

    sort(column, number, sign) {
      const keys = new Map(this.rows.map((row) => {
        const cell = row.cells[column];
        return [row, number ? Number(cell.dataset.v) : cell.textContent.trim()];
      }));
      const compare = number ? (a, b) => keys.get(a) - keys.get(b) : (a, b) => collator.compare(keys.get(a), keys.get(b));
      this.rows.sort((a, b) => sign * compare(a, b));
      this.matching = this.rows.filter((row) => !row.dropped);
      this.body.append(...this.rows);
      this.render();
    }

    filter(matches) {
      this.rows.forEach((row) => {
        row.dropped = !matches(row);
      });
      this.matching = this.rows.filter((row) => !row.dropped);
      this.most = this.size;
      this.render();
      return this.matching.length;
    }

    render() {
      const shown = new Set(this.matching.slice(0, this.most));
      this.rows.forEach((row) => {
        row.hidden = !shown.has(row);
      });
      const rest = this.matching.length - shown.size;
      this.more.hidden = rest === 0;
      this.more.textContent = rest > PAGE * 9 && this.most === PAGE
        ? `Show ${(PAGE * 9).toLocaleString('en')} of ${format(rest, 'more row')}`
        : `Show ${format(rest, 'more row')}`;
    }
  }

  const say = (text) => {
    const line = document.getElementById('said');
    line.textContent = line.textContent === text ? `${text}.` : text;
  };

  const said = document.createElement('p');
  said.id = 'said';
  said.className = 'hidden';
  said.setAttribute('role', 'status');
  document.body.append(said);

  const tables = new Map([...document.querySelectorAll('table.sortable')].map((element) => [element, new Table(element)]));
  window.addEventListener('beforeprint', () => tables.forEach((table) => {
    table.most = Infinity;
    table.render();
  }));

  const form = document.getElementById('filter');
  if (!form) {
    return;
  }
  const checks = [...document.querySelectorAll('section.check')].map((section) => ({
    section,
    table: tables.get(section.querySelector('table')),
    amount: section.querySelector('.amount'),
  }));
  const total = checks.reduce((sum, check) => sum + check.table.rows.length, 0);
  const field = (name) => document.getElementById(`f-${name}`);
  const severities = [...form.querySelectorAll('[name=severity]')];
  const names = new Set();
  checks.forEach(({ table }) => table.rows.forEach((row) => {
    row.where = row.cells[0].textContent;
    row.policy = row.cells[3].textContent;
    if (row.where) {
      names.add(row.where);
    }
  }));
  field('namespaces').append(...[...names].sort(collator.compare).map((name) => new Option('', name)));

  const apply = () => {
    const words = field('text').value.toLowerCase().split(/\s+/).filter(Boolean);
    const namespace = field('namespace').value.trim();
    const inNamespace = names.has(namespace) ? (where) => where === namespace : (where) => where.includes(namespace);
    const policy = field('policy').value;
    const chosen = new Set(severities.filter((box) => box.checked).map((box) => box.value));
    let found = 0;
    checks.forEach(({ section, table, amount }) => {
      const open = chosen.has(section.dataset.severity) && [section.dataset.check, ''].includes(field('check').value);
      const count = table.filter((row) => {
        if (!open || !inNamespace(row.where) || (policy && row.policy !== policy)) {
          return false;
        }
        row.text ??= row.textContent.toLowerCase();
        return words.every((word) => row.text.includes(word));
      });
      section.hidden = count === 0;
      const all = table.rows.length.toLocaleString('en');
      amount.textContent = count === table.rows.length ? `(${all})` : `(${count.toLocaleString('en')} of ${all})`;
      found += count;
    });
    status.textContent = found === total ? format(total, 'finding') : `${found.toLocaleString('en')} of ${format(total, 'finding')}`;
  };

  let waiting;
  form.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(apply));

  // A link of a namespace or a node to its findings.
  const show = ({ namespace = '', object = '' }) => {
    form.reset();
    field('namespace').value = namespace;
    field('text').value = object;
    apply();
    const heading = document.getElementById('findings-title');
    heading.focus();
    heading.scrollIntoView();
  };
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-namespace], a[data-object]');
    if (link) {
      event.preventDefault();
      show(link.dataset);
    }
  });
  // A link to a check that the filter hides.
  document.querySelectorAll('a[href^="#check-"]').forEach((link) => link.addEventListener('click', () => {
    if (document.querySelector(link.getAttribute('href')).hidden) {
      form.reset();
      apply();
    }
  }));
  form.hidden = false;
})();

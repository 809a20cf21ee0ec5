// A slider and a number field for each leaf.

const controls = (place, graph, changed) => {
  const FINEST = 100; // steps of a slider on each side of 0
  const LONG = 8; // characters of a name that stands beside its slider; a longer one stands above it
  const rows = new Map();

  // 1, 2 or 5 times a power of ten, not below x.
  function nice(x) {
    const power = 10 ** Math.floor(Math.log10(x));
    const factor = [1, 2, 5, 10].find((f) => f * power >= x * (1 - 1e-12));
    return Number((factor * power).toPrecision(1));
  }

  // How far a slider goes on either side of 0, to have a number well inside.
  function reach(x) {
    const size = Math.abs(x);
    if (!Number.isFinite(x) || size < 1e-300) return 1;
    return size < 1e-3 ? nice(10 * size) : Math.max(1, nice(Math.min(2 * size, Number.MAX_VALUE / 10)));
  }

  const rounded = (x, most) => Number(((Math.round((x / most) * FINEST) / FINEST) * most).toPrecision(12));
  const written = (x) => (Number.isFinite(x) ? String(Number(x.toPrecision(5))) : x !== x ? "nan" : x > 0 ? "inf" : "-inf");

  // Read a number as one may type it; null for what is none.
  function read(text) {
    const plain = text.trim().replaceAll("−", "-").replace(",", ".");
    const x = Number(plain);
    return plain === "" || !Number.isFinite(x) ? null : x;
  }

  function element(tag, attributes = {}, parent = null, text = "") {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    if (parent) parent.append(made);
    return made;
  }

  function row(node) {
    const box = element("div", { class: "leaf", "data-leaf": node.id }, place);
    const names = { for: `slider-${node.id}`, title: node.full };
    element("label", names, box, node.name);
    const slider = element("input", { type: "range", id: `slider-${node.id}`, step: "any" }, box);
    const field = element(
      "input",
      { type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", "aria-label": `${node.name} as a number` },
      box,
    );
    const gradient = element("output", { for: `slider-${node.id}`, class: "gradient" }, box);
    const made = { node, box, slider, field, gradient, most: reach(node.value) };

    slider.addEventListener("input", () => change(made, rounded(Number(slider.value), made.most)));
    field.addEventListener("input", () => {
      const x = read(field.value);
      field.setAttribute("aria-invalid", String(x === null));
      if (x !== null) change(made, x, true);
    });
    field.addEventListener("change", () => display(made, made.value)); // back to the last number, if it is none
    field.addEventListener("keydown", (event) => {
      const turn = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (!turn) return;
      event.preventDefault();
      change(made, rounded(made.value + (turn * made.most) / FINEST, made.most));
    });
    return made;
  }

  function change(made, x, isTyped = false) {
    display(made, x, isTyped);
    changed(made.node.id, x);
  }

  // Show a number; the slider's range grows where it is outside. What is being typed is left as it is.
  function display(made, x, isTyped = false) {
    made.value = x;
    if (Math.abs(x) > made.most) made.most = reach(x);
    made.slider.min = -made.most;
    made.slider.max = made.most;
    made.slider.value = Number.isFinite(x) ? x : 0;
    made.slider.setAttribute("aria-valuetext", written(x));
    if (!isTyped) {
      made.field.value = written(x);
      made.field.setAttribute("aria-invalid", "false");
    }
  }

  const leaves = graph.nodes.filter((node) => node.isLeaf && !node.isConstant);
  place.classList.toggle("has-long-names", leaves.some((node) => node.name.length > LONG));
  if (leaves.length) {
    const head = element("div", { class: "leaf head", "aria-hidden": "true" }, place);
    for (const [text, role] of [["", ""], ["", ""], ["value", "value"], ["gradient", "gradient"]]) {
      element("span", { class: role }, head, text);
    }
  }
  for (const [kind, title] of [["input", "Inputs"], ["parameter", "Parameters"]]) {
    const some = leaves.filter((node) => node.kind === kind);
    if (some.length && some.length < leaves.length) element("h3", {}, place, title);
    for (const node of some) rows.set(node.id, row(node));
  }
  if (!leaves.length) element("p", { class: "hint" }, place, "This graph has constants only; there is nothing to move.");

  function reset() {
    for (const made of rows.values()) {
      made.most = reach(made.node.value);
      display(made, made.node.value);
    }
  }
  reset();

  // Write each leaf's gradient beside it, and mark the leaf that is looked at.
  function show(snapshot, wrong, focus) {
    for (const [id, made] of rows) {
      const state = snapshot.states[id];
      const isWrong = wrong !== null && state === "final" && wrong.ids.has(id);
      made.gradient.textContent = state === "none" ? "" : words.number(snapshot.gradients[id]);
      made.gradient.classList.toggle("is-part", state === "part");
      made.gradient.classList.toggle("is-wrong", isWrong);
      made.box.classList.toggle("is-focus", focus !== null && focus.id === id);
    }
  }

  return { show, reset, focus: (id) => rows.get(id)?.box.scrollIntoView({ block: "nearest" }) };
};

// Numbers and sentences. A line of text is a list of pieces [text, role]; the role ("value", "gradient", "local",
// "name", "wrong", "") becomes its colour. Nothing here knows of the document.

const words = (() => {
  // A number to four significant digits, as viz/text.py writes it: whole ones in full, with a real minus sign.
  function number(x, digits = 4) {
    if (x !== x) return "nan";
    if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
    if (x === 0) return "0";
    if (Math.abs(x) < 1e6 && Number.isInteger(x)) return String(x).replace("-", "−");
    const exponent = Number(x.toExponential(digits - 1).split("e")[1]);
    const isPlain = exponent >= -4 && exponent < digits;
    const [mantissa, power] = isPlain ? [x.toPrecision(digits), ""] : x.toExponential(digits - 1).split("e");
    const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
    return (short + (power && `e${Number(power)}`)).replaceAll("-", "−");
  }

  // Put pieces for {0}, {1}, … and {z} into a row's text; negative numbers get parentheses where they need them.
  function fill(template, operand, z) {
    const pieces = [];
    let end = 0;
    for (const match of template.matchAll(/\{(z|\d+)\}/g)) {
      const before = template.slice(end, match.index);
      end = match.index + match[0].length;
      const piece = match[1] === "z" ? z : operand(Number(match[1]));
      const opens = match.index === 0 || /[(|]$|, $/.test(template.slice(0, match.index));
      const bare = !piece[0].startsWith("−") || (opens && template[end] !== "^");
      pieces.push([before + (bare ? "" : "("), ""], piece, [bare ? "" : ")", ""]);
    }
    pieces.push([template.slice(end), ""]);
    return pieces.filter(([text]) => text !== "");
  }

  const isCompound = (text) => / |^−/.test(text);
  const plain = (pieces) => pieces.map(([text]) => text).join("");
  const wrapped = (pieces) => (isCompound(plain(pieces)) ? [["(", ""], ...pieces, [")", ""]] : pieces);
  const times = (n) => (n === 1 ? "once" : n === 2 ? "twice" : `${n} times`);

  // --- one node ------------------------------------------------------------------------------------------------------

  const name = (run, id) => [run.graph.nodes[id].name, "name"];
  const value = (run, id) => [number(run.values[id]), "value"];
  const gradientSymbol = (run, id) => [`∂${run.graph.nodes[run.graph.output].name}/∂${run.graph.nodes[id].name}`, "name"];
  const operandsOf = (run, node) => node.args.map((operand) => run.values[operand]);

  // q = x + y, and with the numbers put in.
  function formula(run, id) {
    const node = run.graph.nodes[id];
    const text = node.operation.text(operandsOf(run, node));
    return {
      symbols: fill(text, (i) => name(run, node.args[i]), name(run, id)),
      numbers: fill(text, (i) => value(run, node.args[i]), value(run, id)),
    };
  }

  // ∂node/∂operand in symbols and in numbers.
  function local(run, id, position) {
    const node = run.graph.nodes[id];
    const text = node.operation.symbols(operandsOf(run, node), run.values[id])[position];
    return {
      symbols: fill(text, (i) => name(run, node.args[i]), name(run, id)),
      numbers: fill(text, (i) => value(run, node.args[i]), value(run, id)),
      result: [number(run.locals[id][position] ?? 0), "local"],
    };
  }

  // = 1 − f · f = 1 − 0.76 · 0.76 = 0.42, without what the next stage says again.
  function chain(...stages) {
    return stages
      .filter((stage, i) => i === stages.length - 1 || plain(stage) !== plain(stages[i + 1]))
      .flatMap((stage) => [[" = ", ""], ...stage]);
  }

  function localLine(run, id, position) {
    const operand = run.graph.nodes[id].args[position];
    const { symbols, numbers, result } = local(run, id, position);
    return [
      [`∂${run.graph.nodes[id].name}/∂${run.graph.nodes[operand].name}`, "name"],
      ...chain(symbols, numbers, [result]),
    ];
  }

  // What is wrong with a node's number, or "".
  function trouble(run, id) {
    const node = run.graph.nodes[id];
    if (node.isLeaf) return Number.isFinite(run.values[id]) ? "" : "This leaf is not a finite number.";
    const xs = operandsOf(run, node);
    const made = number(run.values[id]);
    const call = plain(formula(run, id).numbers);
    if (!node.operation.inside(xs) && xs.every((x) => x === x)) {
      return `${call} is not defined: ${node.operation.domain}. The result is ${made}; Python raises an error here.`;
    }
    if (Number.isFinite(run.values[id])) return "";
    return xs.every(Number.isFinite)
      ? `${call} is too large for a 64-bit float, so the result is ${made}; Python may raise an error here.`
      : `The result is ${made} because ${listed(run, node.args)} is not finite.`;
  }

  const listed = (run, ids) => {
    const names = ids.filter((id) => !Number.isFinite(run.values[id])).map((id) => run.graph.nodes[id].name);
    return names.length > 2 ? `${names[0]}, among others,` : names.join(" or ");
  };

  const roleOf = (node) => `${node.symbol} ${node.role}.`;

  // --- steps ---------------------------------------------------------------------------------------------------------

  function forwardStep(run, event) {
    const { symbols, numbers } = formula(run, event.node);
    return {
      title: [["Forward: ", ""], name(run, event.node)],
      about: "The value is computed from its operands, which are already known.",
      lines: [[name(run, event.node), ...chain(symbols, numbers, [value(run, event.node)])]],
      warning: trouble(run, event.node),
    };
  }

  // ∂f/∂x += ∂f/∂q · ∂q/∂x = −4 · 1 = −4, and the sum so far.
  function contribution(run, event, part) {
    const { symbols, result } = local(run, event.node, part.position);
    const assigns = run.mode === "assign";
    const sign = assigns || (part.isFirst && part.isFinal) ? "=" : "+=";
    const dot = [" · ", ""];
    const upstream = [number(event.gradient), "gradient"];
    const by = result[0].startsWith("−") ? [["(", ""], result, [")", ""]] : [result];
    const rule = [
      gradientSymbol(run, part.operand), [` ${sign} `, ""], gradientSymbol(run, event.node), dot, ...wrapped(symbols),
    ];
    const numbers = [[" = ", ""], upstream, dot, ...by, [" = ", ""], [number(part.amount), "gradient"]];
    const lines = [[...rule, ...numbers]];
    if (assigns && !part.isFirst) {
      lines.push([["   overwrites ", "wrong"], [number(part.before), "gradient"], [", which is lost", "wrong"]]);
    } else if (!assigns && sign === "+=") {
      const before = part.isFirst ? [] : [[number(part.before), "gradient"], [" + ", ""], ...bracketed(part.amount), [" = ", ""]];
      const note = part.isFinal ? ["  the sum is complete", "local"] : ["  so far, more to come", "local"];
      lines.push([["   sum: ", ""], ...before, [number(part.total), "gradient"], note]);
    }
    return lines;
  }

  const bracketed = (x) => (number(x).startsWith("−") ? [[`(${number(x)})`, "gradient"]] : [[number(x), "gradient"]]);

  function backwardStep(run, event) {
    const node = run.graph.nodes[event.node];
    const parts = event.contributions.filter((part) => !run.graph.nodes[part.operand].isConstant);
    const seed = event.node === run.graph.output ? [[gradientSymbol(run, event.node), [" = 1, where it all begins", ""]]] : [];
    return {
      title: [["Backward through ", ""], name(run, event.node)],
      about: parts.length ? roleOf(node) : "Its operands are constants, which receive no gradient.",
      lines: [...seed, ...parts.flatMap((part) => contribution(run, event, part))],
      warning: parts.some((part) => !Number.isFinite(part.total))
        ? "A gradient is infinite or undefined here: a slope or a value is not finite."
        : "",
    };
  }

  function startStep() {
    return {
      title: [["Start", ""]],
      about: "The leaves have their numbers. Step forward to compute one value after the other.",
      lines: [],
      warning: "",
    };
  }

  // The output and the leaves' gradients, each beside the right one where it is wrong.
  function endStep(run, right) {
    const { nodes, output } = run.graph;
    const leaves = nodes.filter((node) => node.isLeaf && !node.isConstant && node.id !== output);
    if (!run.isComplete) leaves.length = 0;
    const lines = leaves.slice(0, 6).map(({ id }) => {
      const [got, wanted] = [number(run.gradients[id]), number(right.gradients[id])];
      const isWrong = got !== wanted;
      const verdict = isWrong ? [["   right: ", ""], [wanted, "gradient"]] : [];
      return [gradientSymbol(run, id), [" = ", ""], [got, isWrong ? "wrong" : "gradient"], ...verdict];
    });
    if (leaves.length > 6) lines.push([[`and ${leaves.length - 6} more`, "hint"]]);
    return {
      title: [["All done", ""]],
      about:
        run.mode === "right"
          ? `Every gradient is complete. It says how fast ${nodes[output].name} changes when that value changes.`
          : run.isComplete
            ? "The wrong pass is done. Gradients that came out wrong are struck through."
            : "This backward pass is not run: it would take too many calls.",
      lines: [[name(run, output), [" = ", ""], value(run, output)], ...lines],
      warning: trouble(run, output),
    };
  }

  function step(run, right, k) {
    if (k === 0) return startStep();
    const event = run.events[k - 1];
    if (!event) return endStep(run, right);
    return event.kind === "forward" ? forwardStep(run, event) : backwardStep(run, event);
  }

  // --- the wrong ways ------------------------------------------------------------------------------------------------

  const CODE = {
    assign: "operand.grad = gradient * slope  # not +=",
    recursion: "def backward(v):\n    v._backward()\n    for operand in v._prev:\n        backward(operand)   # at once",
  };

  // One sentence or two on where a wrong pass goes wrong first.
  function explanation(right, wrong, found) {
    if (!wrong.isComplete) {
      return (
        `Without an order this would call backward ${grouped(wrong.calls)} times, once for each path; ` +
        `in topological order ${grouped(right.calls)} calls are enough. It is not run here.`
      );
    }
    const nodes = right.graph.nodes;
    if (!found.ids.length) {
      return wrong.mode === "assign"
        ? "Here = does no harm: every sum has one term, or what was lost was 0. Use a value twice, and it goes wrong."
        : "Here the order does no harm: every value is used once. Use one twice, and it goes wrong.";
    }
    const { event, part, isAgain } = found.first;
    if (wrong.mode === "assign") {
      const operand = nodes[part.operand];
      const [got, sum] = [wrong.gradients[operand.id], right.gradients[operand.id]].map((x) => number(x));
      return (
        `${operand.name} is used ${times(operand.users.length)}, so as many contributions arrive. ` +
        `The last one, ${got}, overwrites the others, where += would have made their sum, ${sum}.`
      );
    }
    const node = nodes[event.node];
    const passed = number(event.gradient);
    const whole = number(right.gradients[node.id]);
    return isAgain
      ? `${node.name} was called a second time, once for each path to it, and passed on all it had, ${passed}, ` +
          "although it had passed it on before. In topological order each node is called once, when its sum is complete."
      : `${node.name} passed on ${passed} before all of its contributions had arrived (they make ${whole}), and will be ` +
          "called again. In topological order each node is called once, when its sum is complete.";
  }

  const grouped = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

  // --- paths ---------------------------------------------------------------------------------------------------------

  function pathLine(run, id, { path, product }) {
    const names = [name(run, id), ...path.flatMap((user) => [[" → ", ""], name(run, user.node)])];
    const factors = path.flatMap((user, i) => {
      const text = number(run.locals[user.node][user.position] ?? 0);
      return [[i ? " · " : ": ", ""], [i && text.startsWith("−") ? `(${text})` : text, "local"]];
    });
    return [...names, ...factors, [path.length > 1 ? " = " : "", ""], ...(path.length > 1 ? [[number(product), "gradient"]] : [])];
  }

  function label(run, id, snapshot) {
    const node = run.graph.nodes[id];
    const parts = [node.isLeaf ? `${node.kind} ${node.name}` : `${node.name}, ${node.symbol}`];
    parts.push(snapshot.known[id] ? `value ${number(run.values[id])}` : "not yet computed");
    if (!node.isConstant && snapshot.states[id] !== "none") {
      parts.push(`gradient ${number(snapshot.gradients[id])}${snapshot.states[id] === "part" ? " so far" : ""}`);
    }
    return parts.join(", ");
  }

  return {
    number, plain, name, value, gradientSymbol, formula, localLine, contribution, trouble, roleOf, step, explanation,
    pathLine, label, grouped, CODE,
  };
})();

// The operations on any number of operands, as autograd/ops.py has them in its second table. `xs` are the operands'
// values in order, `z` the result; a dot has its weights first (`weights` of them, a bias the last one), then its inputs.

const REDUCTIONS = (() => {
  const TERMS = 8; // that a formula shows; the middle of a longer one is left out
  const add = (a, b) => a + b;
  const texts = (n, term) => Array.from({ length: n }, (_, i) => term(i));
  const joined = (terms, sign) =>
    (terms.length > TERMS ? [...terms.slice(0, TERMS - 2), "…", terms.at(-1)] : terms).join(sign);
  const list = (xs) => joined(texts(xs.length, (i) => `{${i}}`), ", ");

  const chosen = (better) => (xs) =>
    xs.reduce((best, x) => (best !== best ? best : x !== x || better(x, best) ? x : best));
  const chosenSlopes = (xs, z) => {
    const first = Math.max(0, xs.findIndex((x) => x === z || x !== x));
    return xs.map((_, i) => (i === first ? 1 : 0));
  };

  // In a dot, which operand an operand is multiplied with; -1 for the bias.
  const partner = (xs, weights) => {
    const inputs = xs.length - weights;
    return xs.map((_, i) => (i < inputs && i < weights ? weights + i : i < weights ? -1 : i - weights));
  };

  return Object.assign(Object.create(null), {
    sum: {
      value: (xs) => xs.reduce(add, 0),
      slopes: (xs) => xs.map(() => 1),
      text: (xs) => joined(texts(xs.length, (i) => `{${i}}`), " + "),
      symbols: (xs) => xs.map(() => "1"),
    },
    mean: {
      value: (xs) => xs.reduce(add, 0) / xs.length,
      slopes: (xs) => xs.map(() => 1 / xs.length),
      text: (xs) => `(${joined(texts(xs.length, (i) => `{${i}}`), " + ")}) / ${xs.length}`,
      symbols: (xs) => xs.map(() => `1 / ${xs.length}`),
    },
    prod: {
      value: (xs) => xs.reduce((a, b) => a * b, 1),
      slopes: (xs) => {
        // The products before and after each operand, so that a zero does no harm.
        const before = [1];
        const after = [1];
        for (let i = 0; i + 1 < xs.length; i += 1) {
          before.push(before[i] * xs[i]);
          after.push(after[i] * xs[xs.length - 1 - i]);
        }
        return before.map((product, i) => product * after[xs.length - 1 - i]);
      },
      text: (xs) => joined(texts(xs.length, (i) => `{${i}}`), " · "),
      symbols: (xs) =>
        xs.map((_, i) => joined(texts(xs.length, (k) => `{${k}}`).filter((_term, k) => k !== i), " · ") || "1"),
    },
    max: {
      value: chosen((x, best) => x > best),
      slopes: chosenSlopes,
      text: (xs) => `max(${list(xs)})`,
      symbols: (xs, z) => chosenSlopes(xs, z).map(String),
      note: "at a tie the first operand gets the gradient",
    },
    min: {
      value: chosen((x, best) => x < best),
      slopes: chosenSlopes,
      text: (xs) => `min(${list(xs)})`,
      symbols: (xs, z) => chosenSlopes(xs, z).map(String),
      note: "at a tie the first operand gets the gradient",
    },
    logsumexp: {
      value: (xs) => {
        const top = Math.max(...xs);
        if (!Number.isFinite(top)) return top;
        const first = xs.indexOf(top);
        return top + Math.log1p(xs.reduce((rest, x, i) => (i === first ? rest : rest + Math.exp(x - top)), 0));
      },
      slopes: (xs, z) => {
        if (!Number.isFinite(z)) return xs.map(() => NaN);
        const top = Math.max(...xs);
        const shares = xs.map((x) => Math.exp(x - top));
        const total = shares.reduce(add, 0);
        return shares.map((share) => share / total);
      },
      text: (xs) => `log(${joined(texts(xs.length, (i) => `exp({${i}})`), " + ")})`,
      symbols: (xs) => xs.map((_, i) => `exp({${i}} − {z})`),
    },
    dot: {
      value: (xs, weights) => {
        const inputs = xs.length - weights;
        let total = weights > inputs ? xs[weights - 1] : 0;
        for (let i = 0; i < inputs; i += 1) total += xs[i] * xs[weights + i];
        return total;
      },
      slopes: (xs, _z, weights) => partner(xs, weights).map((other) => (other < 0 ? 1 : xs[other])),
      text: (xs, weights) => {
        const others = partner(xs, weights).slice(0, weights);
        return joined(others.map((other, i) => (other < 0 ? `{${i}}` : `{${i}} · {${other}}`)), " + ");
      },
      symbols: (xs, _z, weights) => partner(xs, weights).map((other) => (other < 0 ? "1" : `{${other}}`)),
    },
  });
})();

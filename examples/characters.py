"""Characters: a recurrent net learns from a list of names how they are spelt, and invents new ones."""

import random
from pathlib import Path

import numpy as np

from autograd import dot
from nn import Adam, Layer, cross_entropy, fit

names = Path(__file__).with_name("names.txt").read_text(encoding="utf-8").split()
letters, longest = ".abcdefghijklmnopqrstuvwxyz", max(map(len, names))  # a full stop begins and ends each name
code = dict(zip(letters, np.eye(27).tolist(), strict=True))  # a letter as 27 numbers, one of them 1
remember = Layer(27 + 24, 24, "tanh", initial="xavier", seed=0)  # a letter and the memory → the new memory
guess = Layer(24, 27, "linear", initial="xavier", seed=1)  # the memory → a score for each letter to come


def surprises(name):
    """Return for each letter but the first how little it was expected: -ln of its probability."""
    memory, result = [0.0] * 24, []
    for t in range(len(name) - 1):
        memory = remember([*name[t], *memory])
        result.append(cross_entropy(guess(memory), name[t + 1]))
    return result


# fit unrolls that loop and runs it for 32 names at once. Stops make them equally long; y says which letters count.
X = [[code[letter] for letter in f".{name}.".ljust(longest + 2, ".")] for name in names]
y = [[1.0] * (len(name) + 1) + [0.0] * (longest - len(name)) for name in names]
optimizer = Adam([*remember.parameters(), *guess.parameters()], 0.01)
history = fit(surprises, X, y, loss=dot, optimizer=optimizer, epochs=100, batch_size=32)  # dot: their sum
before, after = history["loss"][[0, -1]] * len(names) / np.sum(y) / np.log(2)
print(f"A letter is a surprise of {before:.2f} bits in the first epoch, {after:.2f} in the last ({history.path})")
random.seed(0)
for _ in range(10):
    name, memory = ".", [0.0] * 24
    while name == "." or (name[-1] != "." and len(name) <= longest):
        memory = remember([*code[name[-1]], *memory])
        name += random.choices(letters, [np.exp(score.data / 0.7) for score in guess(memory)])[0]
    print(name.strip(".").capitalize())

"""XOR: the smallest task that needs a hidden layer, and a picture of all that goes on in the network for one sample."""

from autograd import Value, sigmoid
from nn import MLP, Adam, binary_cross_entropy_with_logits, fit, logic
from viz import draw

X, y = logic("xor")  # the four rows of the truth table
model = MLP(2, [2, 1], activation="tanh", seed=1)

# One sample, computed with single numbers; backward() finds how the loss would change with each of them.
a, b = Value(0.0, label="a"), Value(1.0, label="b")
loss = binary_cross_entropy_with_logits(model([a, b]), 1)
loss.backward()
weight = model.layers[0].neurons[0].w[1]
print(f"Before: loss {loss.data:.3f} of 0 xor 1; its slope in the weight {weight.label} is {weight.grad:.3f}")
draw(loss).save("xor.svg")
print("See xor.svg")

# All four samples, 200 times: fit turns the same model and loss into array code.
history = fit(model, X, y, loss=binary_cross_entropy_with_logits, optimizer=Adam(model.parameters(), 0.1), epochs=200)
print(f"After:  loss {history.last('loss'):.3f} on average ({history.path})")
for a, b in X:
    print(f"{a:.0f} xor {b:.0f} is 1 with a probability of {sigmoid(model([a, b])).data:.1%}")

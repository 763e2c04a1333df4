"""The models behind the fill profile ``realistic``: small, pure, exact, and named after what they say.

None of them knows an order book, a clock or a generator of random numbers: what they need is handed
in, and chance is a function of a seed and a name.
"""

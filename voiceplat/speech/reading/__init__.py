"""Text that is said to be something - digits, a date - as the words people say for it.

Words are made where the language is known here; in any other the text is left to the
engine, which reads plain numbers in its own language.
"""

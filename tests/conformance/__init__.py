"""How much of the specifications is there: docs/conformance.md, made from tests."""

"""How much of the XML specification is there: docs/conformance.md, made from tests."""

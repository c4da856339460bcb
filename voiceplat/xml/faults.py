"""What can be wrong with a text so that it is no document: one name for each rule.

`DocumentError.fault` is one of these; whoever explains an error to a person goes by it,
never by the error's words.
"""

from enum import StrEnum
from typing import Final


class Fault(StrEnum):
    TOO_LARGE = "too-large"
    EMPTY = "empty-text"
    NOT_XML = "not-xml"
    LATE_DECLARATION = "late-declaration"
    AMPERSAND = "ampersand"
    COMMENT = "comment"
    ENTITY = "entity"
    TAGS_DO_NOT_MATCH = "tags-do-not-match"
    SECOND_ROOT = "second-root"
    ATTRIBUTE_TWICE = "attribute-twice"
    ATTRIBUTE_QUOTES = "attribute-quotes"
    CHARACTER = "character"
    SYNTAX = "syntax"
    DOCTYPE = "doctype"
    TOO_DEEP = "too-deep"
    ROOT = "root"
    UNKNOWN_ELEMENT = "unknown-element"
    TAKES_NO_ELEMENTS = "takes-no-elements"
    MISPLACED_ELEMENT = "misplaced-element"
    NOT_HERE_YET = "not-here-yet"
    FORMAT = "format-error"
    """An element's own: a value that fails the document, a body that is missing."""


OF_SYNTAX: Final = {
    "ERR_RESERVED_XML_NAME": Fault.LATE_DECLARATION,
    "ERR_NAME_REQUIRED": Fault.AMPERSAND,
    "ERR_ENTITYREF_SEMICOL_MISSING": Fault.AMPERSAND,
    "ERR_HYPHEN_IN_COMMENT": Fault.COMMENT,
    "ERR_UNDECLARED_ENTITY": Fault.ENTITY,
    "WAR_UNDECLARED_ENTITY": Fault.ENTITY,
    "ERR_TAG_NAME_MISMATCH": Fault.TAGS_DO_NOT_MATCH,
    "ERR_TAG_NOT_FINISHED": Fault.TAGS_DO_NOT_MATCH,
    "ERR_GT_REQUIRED": Fault.TAGS_DO_NOT_MATCH,
    "ERR_DOCUMENT_END": Fault.SECOND_ROOT,
    "ERR_ATTRIBUTE_REDEFINED": Fault.ATTRIBUTE_TWICE,
    "ERR_ATTRIBUTE_NOT_STARTED": Fault.ATTRIBUTE_QUOTES,
    "ERR_ATTRIBUTE_WITHOUT_VALUE": Fault.ATTRIBUTE_QUOTES,
    "ERR_INVALID_CHAR": Fault.CHARACTER,
    "ERR_INVALID_ENCODING": Fault.CHARACTER,
}
"""libxml2's names of syntax errors; any other is Fault.SYNTAX."""

"""Every kind of finding, once: what it means, and what to do about it.

docs/lint.md is made from this table, and a test asks a document of each kind.
"""

from typing import Final

from voiceplat.xml.faults import Fault
from voiceplat.xml.lint.finding import Kind, Severity

INVALID_XML: Final = 8011
"""As answer; the same document as action, transfer or redirect has 8012 to 8014."""


def _error(
    fault: Fault, statement: int | None, means: str, remedy: str, *exact: int
) -> Kind:
    return Kind(fault, Severity.ERROR, means, remedy, statement, INVALID_XML, exact)


def _warning(
    name: str, statement: int | None, means: str, remedy: str, *exact: int
) -> Kind:
    return Kind(name, Severity.WARNING, means, remedy, statement, exact=exact)


def _note(name: str, statement: int | None, means: str, remedy: str) -> Kind:
    return Kind(name, Severity.NOTE, means, remedy, statement)


# --- the document fails -------------------------------------------------------------

NOT_A_DOCUMENT: Final = Kind(
    "no-document",
    Severity.ERROR,
    "the answer of a URL is too large, encoded, or of another content type",
    "answer with `Content-Type: text/xml` and a document of at most 100 KB",
    1,
    INVALID_XML,
)

OF_FAULT: Final = {
    Fault(kind.name): kind
    for kind in (
        _error(
            Fault.TOO_LARGE,
            8,
            "the text is larger than `webhooks.document_max_bytes`",
            "split it with <Redirect>, or raise webhooks.document_max_bytes",
        ),
        _error(
            Fault.EMPTY,
            6,
            "there is no text at all",
            "a document that does nothing is <Response/>",
        ),
        _error(
            Fault.NOT_XML,
            7,
            "the text does not begin with `<`: JSON, plain text, another encoding",
            "send XML in UTF-8 that begins with <Response>",
        ),
        _error(
            Fault.LATE_DECLARATION,
            5,
            "something stands before the XML declaration",
            "`<?xml …?>` must be the very first bytes; remove what is before it",
        ),
        _error(
            Fault.AMPERSAND,
            5,
            "a raw `&` or `<` in text or in a URL",
            "write `&amp;` for an ampersand and `&lt;` for a `<`",
        ),
        _error(
            Fault.COMMENT,
            5,
            "`--` inside a comment",
            "take the two hyphens out of the comment",
        ),
        _error(
            Fault.ENTITY,
            None,
            "a named entity that XML does not have, such as `&nbsp;`",
            "write the character itself, in UTF-8, or its number, such as `&#160;`",
        ),
        _error(
            Fault.TAGS_DO_NOT_MATCH,
            None,
            "a tag is not closed, or closed by another's end",
            "close every tag, inner ones first",
        ),
        _error(
            Fault.SECOND_ROOT,
            None,
            "something follows after the end of the root",
            "put everything into one <Response>",
        ),
        _error(
            Fault.ATTRIBUTE_TWICE,
            None,
            "an attribute stands twice in one tag",
            "keep one of them",
        ),
        _error(
            Fault.ATTRIBUTE_QUOTES,
            None,
            "an attribute's value has no quotes",
            "put the value into quotes",
        ),
        _error(
            Fault.CHARACTER,
            None,
            "a character that XML does not allow, or bytes that are not UTF-8",
            "send UTF-8 without control characters",
        ),
        _error(
            Fault.SYNTAX,
            None,
            "any other fault of form",
            "mend the XML at this place",
        ),
        _error(
            Fault.DOCTYPE,
            None,
            "a document type declaration",
            "take `<!DOCTYPE …>` out; it is never read",
        ),
        _error(
            Fault.TOO_DEEP,
            None,
            "elements are nested too deep",
            "nothing in Plivo's XML needs that; nest less",
        ),
        _error(
            Fault.ROOT,
            2,
            "the root is not `<Response>`",
            "put all elements into one <Response>, without a namespace",
        ),
        _error(
            Fault.UNKNOWN_ELEMENT,
            14,
            "an element that Plivo's XML does not have",
            "mend its name, or take it out (xml.lenient skips it)",
            12,
        ),
        _error(
            Fault.TAKES_NO_ELEMENTS,
            21,
            "an element inside one that takes none",
            "move it out",
        ),
        _error(
            Fault.MISPLACED_ELEMENT,
            22,
            "an element where it may not stand",
            "move it to where it may stand",
        ),
        _error(
            Fault.NOT_HERE_YET,
            None,
            "an element that this server does not have yet",
            "do without it; docs/elements.md lists what there is",
        ),
        _error(
            Fault.FORMAT,
            None,
            "a value or a missing body that fails the document",
            "give it a value that is allowed",
            *(76, 82, 98, 113, 114, 115, 144, 269, 272),
        ),
    )
}

# --- it is read differently ---------------------------------------------------------

SKIPPED_ELEMENT: Final = _warning(
    "skipped-element",
    15,
    "an unknown element that is passed over, because `xml.lenient` is on",
    "mend its name, or take it out",
)
SKIPPED_CHILD: Final = _warning(
    "skipped-child",
    None,
    "an unknown element inside another; it is passed over",
    "mend its name, or take it out",
)
SKIPPED_TAG: Final = _warning(
    "skipped-tag",
    None,
    "a tag in Speak that is no SSML tag here; its text is spoken plainly",
    "take the tag out",
    90,
)
UNKNOWN_ATTRIBUTE: Final = _warning(
    "unknown-attribute",
    16,
    "an attribute that the element does not have; it is ignored",
    "mend its name, or take it out",
    *(13, 282),
)
COUNTS_OTHERWISE: Final = _warning(
    "counts-otherwise",
    None,
    "a value that is cut to what is allowed, or replaced by the default",
    "write the value that you mean",
    *(17, 77, 113, 130, 131, 133, 134, 196, 258, 287),
)
STRAY_TEXT: Final = _warning(
    "stray-text",
    None,
    "text where none belongs; it is ignored",
    "put words to be spoken into <Speak>, or take them out",
)

# --- URLs ---------------------------------------------------------------------------

METHOD: Final = _warning(
    "method",
    None,
    "a method that is neither GET nor POST",
    "write GET or POST",
    19,
)
WEB_URL: Final = _warning(
    "web-url",
    None,
    "a URL that is not absolute, or not http(s)",
    "write the whole URL, from https:// on",
    *(29, 268),
)
PLAY_URL: Final = _warning(
    "play-url",
    93,
    "the text of Play is no http(s) URL; it is skipped",
    "give it the URL of a file; words are spoken by <Speak>",
)
PLAY_TYPE: Final = _warning(
    "play-type",
    94,
    "the file's name is that of a kind which cannot be played",
    "offer it as WAV or MP3",
)
PLAY_FRAGMENT: Final = _warning(
    "play-fragment",
    40,
    "delivery settings (`#rc=…`) on the URL of a file to play; they do not count",
    "take the fragment off",
)

# --- speech -------------------------------------------------------------------------

VOICE: Final = _warning(
    "voice",
    80,
    "a voice that nobody has; the default voice speaks",
    "use WOMAN, MAN or a Polly voice of docs/spec/plivo-xml.md 3.2",
)
LANGUAGE: Final = _warning(
    "language",
    81,
    "a basic voice that does not exist in this language",
    "choose a voice and language of the table in docs/spec/plivo-xml.md 3.2",
)
NOT_INSTALLED: Final = _warning(
    "not-installed",
    None,
    "a voice or language that no engine of this machine has",
    "install an engine for it, or choose another language",
)
SSML_WITHOUT_POLLY: Final = _warning(
    "ssml-without-polly",
    84,
    "SSML tags in a Speak without a Polly voice: only their text is spoken",
    'name one, such as voice="Polly.Joanna", or take the tags out',
)
SSML_VALUE: Final = _warning(
    "ssml-value",
    None,
    "a value of an SSML attribute that is not understood",
    "use a value of the table in docs/spec/plivo-xml.md 3.2",
)
SPEAK_EMPTY: Final = _warning(
    "speak-empty",
    None,
    "a Speak without text; it is skipped",
    "give it words, or use <Wait> for a pause",
)
SPEAK_LONG: Final = _warning(
    "speak-long",
    83,
    "more characters than one Speak may have",
    "spread the text over several <Speak>",
)
HINTS: Final = _warning(
    "hints",
    135,
    "more, or longer, hints than count",
    "keep to 500 phrases of 100 characters, 10000 in all",
)

# --- the order of things ------------------------------------------------------------

UNREACHABLE: Final = _warning(
    "unreachable",
    None,
    "an element that never runs, because one before it never lets it",
    "take it out, or move it before",
    *(75, 95, 254, 265),
)
SCHEDULE: Final = _warning(
    "schedule",
    261,
    "a Hangup whose schedule is no number of seconds; it is skipped",
    "write whole seconds, or leave schedule out to hang up at once",
)
SCHEDULE_LAST: Final = _warning(
    "schedule-last",
    260,
    "a scheduled Hangup as last element: the call ends at once all the same",
    "put elements after it that last as long, such as <Wait>",
)
REASON_TOO_LATE: Final = _warning(
    "reason-too-late",
    257,
    "the reason of a Hangup that comes when the call is answered already",
    "put it before what answers, or take the reason out",
)
BEEP_WITH_SILENCE: Final = _warning(
    "beep-with-silence",
    276,
    'beep beside silence="true" is not listened for',
    "choose one of the two",
)
MIN_SILENCE: Final = _warning(
    "min-silence",
    274,
    "a minSilence that cannot count",
    'it needs silence="true" and a length that is longer',
)
EARLY_MEDIA_LONG: Final = _warning(
    "early-media-long",
    None,
    "a PreAnswer of 30 s and more",
    "keep it below 30 s: carriers end calls that are not answered",
)
INPUT_DROPPED: Final = _warning(
    "input-dropped",
    120,
    "input without an action URL: it is thrown away",
    "give it an action",
)
BACKGROUND: Final = _warning(
    "background",
    244,
    "a Record in the background without maxLength, or with what ends messages alone",
    "write maxLength, and leave timeout, finishOnKey and playBeep out",
    243,
)

# --- notes --------------------------------------------------------------------------

REDIRECT_DEFAULT: Final = _note(
    "redirect-default",
    42,
    "elements after an action that are replaced by its answer",
    'redirect="false" lets the next element run',
)
EMPTY_DOCUMENT: Final = _note(
    "empty-document",
    9,
    "a document without elements",
    "give it elements if it should do more",
)
NO_EFFECT_YET: Final = _note(
    "no-effect-yet",
    None,
    "an attribute that this server reads and does not heed yet",
    "do not rely on it",
)
LOG: Final = _note("log", 117, "the attribute `log`", "leave it as it is")
ALREADY_ANSWERED: Final = _note(
    "already-answered",
    279,
    "a PreAnswer after an element that answers",
    "put it first if the caller should hear it before the answer",
)


def _all() -> tuple[Kind, ...]:
    own = [kind for kind in globals().values() if isinstance(kind, Kind)]
    return (*OF_FAULT.values(), *own)


KINDS: Final = {kind.name: kind for kind in _all()}

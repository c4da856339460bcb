"""What the fork server of the call workers knows before it forks the first one.

All that is imported here is imported once, and its memory is shared. It is frozen: a
worker's garbage collector would write to every object it looks at, and so take a copy
of the page that it lies on.
"""

import gc

import anyio._backends._asyncio  # noqa: F401 - httpcore asks for it by name, later

import voiceplat.media.worker  # noqa: F401
from voiceplat.core.addresses import trusted_authorities
from voiceplat.speech.registry import synthesizers

synthesizers()  # imports the engines, which describe themselves in every worker
trusted_authorities()
gc.collect()
gc.freeze()

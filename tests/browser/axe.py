"""Whether a page can be used by everybody, as far as a machine can tell: axe-core."""

from pathlib import Path
from typing import Final, Literal

import pytest
from playwright.async_api import Page

AXE: Final = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
RUN: Final = """
async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  const where = ({ target, failureSummary }) => `${target} ${failureSummary}`;
  return violations.map(
    ({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(where).join("; ")}`
  );
}
"""


async def find_barriers(page: Page) -> list[str]:
    """What axe objects to in the page as it is now, in light and in dark colours."""
    if not AXE.exists():
        pytest.skip("axe-core is not here: scripts/setup test node")
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = []
    for scheme in SCHEMES:
        # colours are judged where they end, not on their way
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{scheme}: {it}" for it in await page.evaluate(RUN)]
    return found

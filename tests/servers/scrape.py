"""What processes tell Prometheus, read as Prometheus reads it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import httpx
from prometheus_client.parser import text_string_to_metric_families

WITHIN_S = 20


@dataclass(frozen=True, slots=True)
class Scrape:
    """The samples of some processes, at one moment."""

    samples: Mapping[tuple[str, frozenset[tuple[str, str]]], float]
    families: frozenset[str]
    """Names as they stand in HELP and TYPE, also of what has no sample yet."""

    @classmethod
    def of(cls, *texts: str) -> Self:
        samples: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
        families = set[str]()
        for text in texts:
            for family in text_string_to_metric_families(text):
                families.add(family.name)
                for it in family.samples:
                    key = (it.name, frozenset(it.labels.items()))
                    samples[key] = samples.get(key, 0.0) + it.value
        return cls(samples, frozenset(families))

    def value(self, name: str, **labels: str) -> float:
        """The sum of the series that have these labels; 0 when there is none."""
        wanted = labels.items()
        return sum(
            value
            for (found, has), value in self.samples.items()
            if found == name and wanted <= dict(has).items()
        )


async def scrape(urls: Mapping[str, str]) -> Scrape:
    async with httpx.AsyncClient(trust_env=False, timeout=WITHIN_S) as client:
        answers = await asyncio.gather(*(client.get(url) for url in urls.values()))
    for answer in answers:
        answer.raise_for_status()
    return Scrape.of(*(answer.text for answer in answers))


async def until(urls: Mapping[str, str], holds: Callable[[Scrape], bool]) -> Scrape:
    """The first scrape of which that holds (20 s at most)."""
    async with asyncio.timeout(WITHIN_S):
        while not holds(seen := await scrape(urls)):  # noqa: ASYNC110 - they are asked
            await asyncio.sleep(0.2)
    return seen


async def readiness(url: str) -> tuple[int, str]:
    """Status and reason that the process with these figures gives; 0 when none."""
    place = urlsplit(url)._replace(path="/readyz").geturl()
    async with httpx.AsyncClient(trust_env=False, timeout=WITHIN_S) as client:
        try:
            answer = await client.get(place)
        except httpx.TransportError as error:
            return 0, str(error)
    return answer.status_code, answer.json().get("why", "")


async def until_ready(url: str, status: int, why: str = "") -> str:
    """The reason, once that status is given and `why` is in it (20 s at most)."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            found, reason = await readiness(url)
            if found == status and why in reason:
                return reason
            await asyncio.sleep(0.1)

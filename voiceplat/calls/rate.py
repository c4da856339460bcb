"""What a call costs: a rate for each minute, and the pulse that time is billed by."""

from decimal import Decimal
from typing import Final

from pydantic import BaseModel, ConfigDict

from voiceplat.core.money import NOTHING, money_text, rounded

MINUTE_S: Final = 60


class Rate(BaseModel):
    model_config = ConfigDict(frozen=True)

    per_minute: Decimal = NOTHING
    pulse_s: int = MINUTE_S
    """Begun pulses count whole."""

    @property
    def text(self) -> str:
        return money_text(self.per_minute)

    @property
    def is_free(self) -> bool:
        return self.per_minute == NOTHING

    def billed_s(self, talked_s: int) -> int:
        """Seconds that are billed: talked ones, up to the end of their pulse."""
        return -(-talked_s // self.pulse_s) * self.pulse_s

    def cost(self, talked_s: int) -> Decimal:
        return rounded(self.per_minute * self.billed_s(talked_s) / MINUTE_S)


FREE: Final = Rate()

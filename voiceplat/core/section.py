"""What every section of the settings is."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A group of settings; unknown names are an error, so that a typo is heard of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

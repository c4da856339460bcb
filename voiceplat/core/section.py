"""What every section of the settings is."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Port = Annotated[int, Field(ge=0, le=65535)]


class Section(BaseModel):
    """A group of settings; unknown names are an error, so that a typo is heard of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

"""The console in a page, used as people use it."""

from dataclasses import dataclass, field

from playwright.async_api import ConsoleMessage, Locator, Page, expect


@dataclass(slots=True)
class Desk:
    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)
    """What the browser had to say against our pages: policy, scripts, files."""

    def __post_init__(self) -> None:
        def note(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"}:
                self.complaints.append(message.text)

        self.page.on("console", note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def log_in(self, auth_id: str, auth_token: str, path: str = "/") -> None:
        await self.page.goto(f"{self.base}/console{path}")
        await self.try_credentials(auth_id, auth_token)
        await self.page.wait_for_url(f"{self.base}/console{path}")
        await self.is_live()

    async def try_credentials(self, auth_id: str, auth_token: str) -> None:
        await self.page.get_by_label("auth_id").fill(auth_id)
        await self.page.get_by_label("auth_token").fill(auth_token)
        await self.page.get_by_role("button", name="Log in").click()

    async def open(self, path: str) -> None:
        await self.page.goto(f"{self.base}/console{path}")

    async def is_live(self) -> None:
        """What is shown follows what happens."""
        fresh = self.page.get_by_role("status").filter(has_text="Live")
        await expect(fresh).to_be_visible()

    def table(self, name: str) -> Locator:
        return self.page.get_by_role("table", name=name)

    def row(self, table: str, text: str) -> Locator:
        return self.table(table).get_by_role("row").filter(has_text=text)

    def moment(self, text: str) -> Locator:
        """Steps of the ladder that say this."""
        return self.page.locator("#ladder li").filter(has_text=text)

    async def is_told(self, words: str) -> None:
        alert = self.page.get_by_role("alert").filter(has_text=words)
        await expect(alert).to_be_visible()

"""Settings of what the processes show of themselves (`metrics`)."""

from pydantic import PositiveInt

from voiceplat.core.section import Port, Section


class MetricsSettings(Section):
    """Each process answers `/metrics`, `/healthz`, `/readyz` on a port of its own."""

    host: str = "127.0.0.1"
    """Address of those ports. Whoever reaches it may read them: never a public one."""
    api_port: Port = 9781
    """Port of `voiceplat api` for them; 0: none, as for the five below."""
    media_port: Port = 9782
    """Port of `voiceplat media`; tells of its workers and mixers too."""
    ledger_port: Port = 9783
    """Port of `voiceplat ledger`."""
    speech_port: Port = 9784
    """Port of `voiceplat speech`."""
    archive_port: Port = 9785
    """Port of `voiceplat archive`."""
    edge_port: Port = 9786
    """Port of `voiceplat edge`; tells of Kamailio and rtpengine too."""
    check_timeout_ms: PositiveInt = 2000
    """How long what a process needs may take to answer before it counts as away."""

    @property
    def ports(self) -> dict[str, int]:
        """By process, those that answer."""
        ports = {
            "api": self.api_port,
            "media": self.media_port,
            "ledger": self.ledger_port,
            "speech": self.speech_port,
            "archive": self.archive_port,
            "edge": self.edge_port,
        }
        return {process: port for process, port in ports.items() if port}

"""Settings of the relay for browsers whose network lets no UDP out (`turn`)."""

from pydantic import PositiveInt, SecretStr

from voiceplat.core.section import Port, Section


class TurnSettings(Section):
    port: Port = 0
    """UDP and TCP port of the TURN server, at `sip.host`; 0: there is none."""
    tls_port: Port = 0
    """Its TLS port, with the edge's certificate; 0: none."""
    host: str = ""
    """Name by which browsers find it, one of the certificate's; empty: the host of the
    console's page."""
    secret: SecretStr = SecretStr("")
    """What credentials are signed with, the same for the API and the edge; empty: it is
    made of `security.secret_key`."""
    credentials_valid_s: PositiveInt = 3600
    """How long what a browser got lets it open new ways through the relay."""
    relay_port_min: Port = 35000
    """First UDP port from which the relay speaks to rtpengine; closed to the world."""
    relay_port_max: Port = 35999
    """Last UDP port from which the relay speaks to rtpengine."""
    relays_per_user: PositiveInt = 60
    """Relay ports that one endpoint may have at once; a call takes up to 9."""

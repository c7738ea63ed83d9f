"""Reads and validates in-toto statements with in-toto-attestation, without anything of Assay's.

    target/outsiders/python/bin/python tests/outsiders/statement.py STATEMENT...

One line per statement, exit code 1 unless all are valid. Signatures are envelope.py's business.
"""

import sys

import google.protobuf.json_format as protobuf
import in_toto_attestation.v1.statement_pb2 as schema
from in_toto_attestation.v1.statement import Statement


def is_valid(file: str) -> bool:
    try:
        with open(file, "rb") as opened:
            parsed = protobuf.Parse(opened.read(), schema.Statement())
        Statement.copy_from_pb(parsed).validate()
    except Exception as error:  # whatever the library raises is its refusal
        print(f"refused\t{file}\t{type(error).__name__}: {error}")
        return False
    print(f"verified\t{file}")
    return True


def main() -> int:
    if len(sys.argv) < 2:
        print("usage: statement.py STATEMENT...", file=sys.stderr)
        return 2
    results = [is_valid(file) for file in sys.argv[1:]]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

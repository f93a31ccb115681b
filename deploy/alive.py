"""Whether the server in this container lives: the status is 0 or 1."""

import os
import sys
from http.client import HTTPConnection, HTTPException

PORT = 8000
OK = 200


def main(port: int) -> int:
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0]
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=4)
        connection.request("GET", "/health/live", headers={"Host": host.lstrip(".*")})
        return int(connection.getresponse().status != OK)
    except (OSError, HTTPException):
        return 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else PORT))

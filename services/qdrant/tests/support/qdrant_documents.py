"""What the tests search."""

from typing import Any

# Ten documents of two projects, in a circle: point 0 looks along the first axis, point 9 nearly against it.
DOCUMENTS: list[dict[str, Any]] = [
    {
        "id": number,
        "vector": [9.0 - 2 * number, float(number), 1.0, 0.0],
        "payload": {
            "project": "red" if number % 2 else "blue",
            "rank": number,
            "score": number / 10,
            "tags": [f"tag-{number % 3}", "all"],
            "added": f"2026-01-{number + 1:02}T00:00:00Z",
            "text": f"document number {number} about {'apples' if number < 5 else 'pears'}",
            "author": {"name": f"author {number % 2}"},
            **({"note": None} if number == 3 else {"note": "x"} if number == 4 else {}),
        },
    }
    for number in range(10)
]

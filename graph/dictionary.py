"""The data dictionary page, derived from the vocabulary.

python -m graph.dictionary > docs/vocabulary.md
"""

from graph.derived import vocabulary_digest
from graph.vocabulary import NODES, RELATIONS, UNCORRECTED, Family, RelSpec, RelType

HEAD = """# Data dictionary

Derived from `graph/vocabulary.py` by `python -m graph.dictionary`; vocabulary digest `{digest}`.

Every fact has `id`, `source_id`, `target_id` (128 bits), `at_us` (UTC microseconds, when it happened), `known_at_s` (UTC
seconds, when it could be known), `attested_by`, `basis`, `undated` and `origin`, and the properties named here. A property in
**bold** is required. Amounts are minor units of the `currency` beside them.

Where a source declares corrections, a fact is one version: it has `series`, the id its versions share, and `withdrawn`, true
where it states only that those before it are over; such a version may lack any property. As of T a version counts where it was
known before T, is not withdrawn, and no later one of its series was known before T. No source may declare corrections of
{uncorrected}: what is derived from them is never unsaid.
"""


def build_page() -> str:
    """The page as Markdown: labels, then the relations of each family."""
    uncorrected = ", ".join(f"`{rel}`" for rel in RelType if rel in UNCORRECTED)
    head = HEAD.format(digest=vocabulary_digest()[:12], uncorrected=uncorrected)
    parts = [head, "## Nodes\n", "| label | meaning | key |", "|---|---|---|"]
    parts += [f"| `{n.label}` | {n.meaning} | {n.key} |" for n in NODES]
    for family in Family:
        parts += [
            "",
            f"## Relations of the family `{family}`\n",
            "| from | relation | to | meaning | properties | crossed when attested by |",
        ]
        parts += ["|---|---|---|---|---|---|"]
        parts += [_row(r) for r in RELATIONS if r.family is family]
    return "\n".join(parts) + "\n"


def _row(spec: RelSpec) -> str:
    named = ", ".join(f"{'**' if p.required else ''}`{p.name}`{'**' if p.required else ''} ({p.unit})" for p in spec.properties)
    crossed = ", ".join(sorted(spec.crossed_by)) or "nobody: never crossed"
    return f"| `{spec.edge.source}` | `{spec.edge.rel}` | `{spec.edge.target}` | {spec.meaning} | {named} | {crossed} |"


if __name__ == "__main__":
    print(build_page(), end="")

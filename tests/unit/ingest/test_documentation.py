import textwrap
from pathlib import Path

from ingest import documentation
from ingest.catalogue import SOURCES
from ingest.mapping import read_mapping
from ingest.mapping.schema import build_text
from ingest.mapping.types import COLUMN_TYPES

DOCS = Path(documentation.__file__).parent.parent / "docs"


def test_the_committed_page_is_what_the_declarations_give() -> None:
    assert (DOCS / "sources.md").read_text(encoding="utf-8") == documentation.build_page()


def test_the_page_has_every_source_every_table_and_every_field() -> None:
    page = documentation.build_page()
    for source in SOURCES.values():
        assert f"\n## {source.name}\n" in page
        for table in source.tables:
            assert f"\n### {source.name}: {table.name}\n" in page
            assert all(f"`{column.header}`" in page for column in table.columns)


def test_the_published_schema_is_the_one_that_checks() -> None:
    assert (DOCS / "mapping.schema.json").read_text(encoding="utf-8") == build_text()


def test_the_guide_names_every_type_with_its_options() -> None:
    guide = (DOCS / "mapping.md").read_text(encoding="utf-8")
    for name, kind in COLUMN_TYPES.items():
        options = ", ".join(f"**`{option}`**" if option in kind.required else f"`{option}`" for option in kind.options)
        assert f"| `{name}` | {kind.meaning} | {options} |" in guide


def test_the_mapping_in_the_guide_is_sound(tmp_path: Path) -> None:
    _, _, rest = (DOCS / "mapping.md").read_text(encoding="utf-8").partition("    mapping: 1 ")
    example, _, _ = rest.partition("\n\n")
    path = tmp_path / "shop.yaml"
    path.write_text(textwrap.dedent("    mapping: 1 " + example), encoding="utf-8")
    assert [len(table.rules) for table in read_mapping(path).tables] == [1]

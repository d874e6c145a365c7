
@final
class EngagementTable:
    """A table of engagements, as Arrow data: pyarrow, polars, pandas and DuckDB read it without a copy."""

    def __new__(
        cls, engagements: list[Engagement], table: str = "engagements", *, keep_placeholders: bool = False
    ) -> EngagementTable:
        """Make a table of these engagements.

        * `table`: its name; `docs/tables.md` lists all and their columns.
        * `keep_placeholders`: keep `NA`, −1 and empty texts as the service sent them instead of making them null.
        """
    def __arrow_c_schema__(self) -> object:
        """The table's columns, as an Arrow schema."""
    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The table's data, as an Arrow stream."""
    def __len__(self) -> int:
        """How many rows the table has."""

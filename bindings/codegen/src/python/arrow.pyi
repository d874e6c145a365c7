
@final
class EngagementTable:
    """A table of engagements, as Arrow data: pyarrow, polars, pandas and DuckDB read it without a copy."""

    def __new__(
        cls, engagements: list[Engagement] | SearchPage, table: TableName = "engagements", *, keep_placeholders: bool = False
    ) -> EngagementTable:
        """Make a table of these engagements.

        * `engagements`: a list of them, or a page.
        * `table`: its name; `docs/tables.md` lists all and their columns.
        * `keep_placeholders`: keep `NA`, −1 and empty texts as the service sent them instead of making them null.
        """
    def __arrow_c_schema__(self) -> object:
        """The table's columns, as an Arrow schema."""
    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The table's data, as an Arrow stream."""
    @property
    def name(self) -> str:
        """The table's name."""
    @property
    def column_names(self) -> list[str]:
        """The names of the table's columns."""
    def to_arrow(self) -> pyarrow.Table:
        """The table as a pyarrow table."""
    def to_pandas(self) -> pandas.DataFrame:
        """The table as a pandas data frame."""
    def to_polars(self) -> polars.DataFrame:
        """The table as a polars data frame."""
    def _repr_html_(self) -> str: ...
    def __len__(self) -> int:
        """How many rows the table has."""

@final
class CollectedRecords:
    """The records of a page, as JSON until somebody wants them."""

    def __new__(cls, page: SearchPage) -> CollectedRecords: ...
    def records(self) -> list[Engagement]:
        """The records."""
    def __len__(self) -> int: ...

@final
class TableCollector:
    """A table of everything that a search collects, made page by page."""

    def __new__(cls, table: TableName, *, keep_placeholders: bool) -> TableCollector: ...
    def take(self, page: SearchPage) -> None:
        """Take the records of a page."""
    def take_collected(self, collected: CollectedRecords) -> None:
        """Take records that were collected before."""
    def finish(self) -> EngagementTable:
        """The table."""

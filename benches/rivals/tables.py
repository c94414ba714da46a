"""Rows by a view, timed for another program: `python3 tables.py pysof|duckdb VIEW.json FILE.ndjson`.

Prints the seconds that it takes from the file to rows as CSV, without the start of Python. `views --rivals` says how
the packages are installed; they are fetched, never copied.
"""

import sys
import time

# What VIEW of ../src/views.rs states, by hand: DuckDB reads no ViewDefinition.
SQL = """
COPY (
    SELECT
        id,
        CASE WHEN starts_with(subject.reference, 'Patient/') THEN substr(subject.reference, 9) END AS patient,
        effectiveDateTime AS at,
        valueQuantity.value AS value,
        valueQuantity.unit AS unit,
        coding.system AS system,
        coding.code AS code
    FROM read_json($file, format = 'newline_delimited', columns = {
        id: 'VARCHAR',
        subject: 'STRUCT(reference VARCHAR)',
        effectiveDateTime: 'VARCHAR',
        valueQuantity: 'STRUCT("value" VARCHAR, unit VARCHAR)',
        code: 'STRUCT(coding STRUCT("system" VARCHAR, code VARCHAR)[])'
    }), unnest(code.coding) AS each(coding)
) TO '/dev/null' (FORMAT csv, HEADER)
"""


def pysof(view, file):
    import pysof as program

    with open(view) as text:
        view = text.read()
    start = time.perf_counter()
    program.process_ndjson_to_file(view, file, "/dev/null", "csv")
    return time.perf_counter() - start


def duckdb(_view, file):
    import duckdb as program

    connection = program.connect(config={"threads": 1})
    start = time.perf_counter()
    connection.execute(SQL.replace("$file", "'" + file.replace("'", "''") + "'"))
    return time.perf_counter() - start


if __name__ == "__main__":
    name, *files = sys.argv[1:]
    print({"pysof": pysof, "duckdb": duckdb}[name](*files))

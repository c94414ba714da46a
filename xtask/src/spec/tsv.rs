//! The form of the facts on disk: tab-separated text, one record a line.
//!
//! The first line is `# ` and the column names. Cells hold their text as it is, so a cell never
//! contains a tab or a line break; writing one that does is an error. Flags are `1` and `0`.

use std::fmt::Debug;
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, Result, bail, ensure};

/// One line of a facts file.
pub(crate) trait Record: Sized {
    /// The file's name.
    const FILE: &'static str;
    /// The names of the columns.
    const COLUMNS: &'static [&'static str];

    /// The record as cells, one for each column.
    fn cells(&self) -> Vec<String>;

    /// The record from its cells: exactly as many as there are columns.
    fn from_cells(cells: &mut Cells<'_>) -> Result<Self>;
}

/// The cells of one line, taken in the order of the columns.
pub(crate) struct Cells<'a>(std::str::Split<'a, char>);

impl<'a> Cells<'a> {
    /// The next cell.
    pub(crate) fn text(&mut self) -> Result<&'a str> {
        self.0.next().context("too few cells")
    }

    /// The next cell, owned.
    pub(crate) fn string(&mut self) -> Result<String> {
        self.text().map(str::to_owned)
    }

    /// The next cell as a value of any type that can be parsed.
    pub(crate) fn parse<T: FromStr<Err: Into<anyhow::Error>>>(&mut self) -> Result<T> {
        let text = self.text()?;
        text.parse::<T>()
            .map_err(Into::into)
            .with_context(|| format!("`{text}`"))
    }

    /// The next cell as a value, or nothing when it is empty.
    pub(crate) fn optional<T: FromStr<Err: Into<anyhow::Error>>>(&mut self) -> Result<Option<T>> {
        let mut ahead = self.0.clone();
        if ahead.next() == Some("") {
            self.0 = ahead;
            return Ok(None);
        }
        self.parse().map(Some)
    }

    /// The next cell as a flag.
    pub(crate) fn flag(&mut self) -> Result<bool> {
        parse_flag(self.text()?)
    }

    /// The next cell as a flag, or nothing when it is empty.
    pub(crate) fn optional_flag(&mut self) -> Result<Option<bool>> {
        match self.text()? {
            "" => Ok(None),
            text => parse_flag(text).map(Some),
        }
    }

    /// The next cell as a list of values.
    pub(crate) fn list<T: FromStr<Err: Into<anyhow::Error>>>(
        &mut self,
        separator: char,
    ) -> Result<Vec<T>> {
        split(self.text()?, separator)
            .map(|text| {
                text.parse::<T>()
                    .map_err(Into::into)
                    .with_context(|| format!("`{text}`"))
            })
            .collect()
    }
}

fn parse_flag(text: &str) -> Result<bool> {
    match text {
        "0" => Ok(false),
        "1" => Ok(true),
        _ => bail!("`{text}` is neither 0 nor 1"),
    }
}

/// A flag as a cell.
pub(crate) fn flag(value: bool) -> String {
    if value { "1" } else { "0" }.to_owned()
}

/// A value that may be absent as a cell.
pub(crate) fn optional<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A list as a cell.
pub(crate) fn join<T: ToString>(values: &[T], separator: char) -> String {
    let texts: Vec<_> = values.iter().map(ToString::to_string).collect();
    texts.join(separator.encode_utf8(&mut [0; 4]))
}

/// The parts of a list cell; none when it is empty.
pub(crate) fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    text.split(separator).filter(|part| !part.is_empty())
}

/// Records as the text of a file.
pub(crate) fn to_text<R: Record + Debug>(records: &[R]) -> Result<String> {
    let mut text = format!("# {}\n", R::COLUMNS.join("\t"));
    for record in records {
        let cells = record.cells();
        let sound = cells.len() == R::COLUMNS.len()
            && !cells.iter().any(|cell| cell.contains(['\t', '\n', '\r']));
        ensure!(sound, "cannot write to {}: {record:?}", R::FILE);
        text.push_str(&cells.join("\t"));
        text.push('\n');
    }
    Ok(text)
}

/// Records from the text of a file.
pub(crate) fn from_text<R: Record>(text: &str) -> Result<Vec<R>> {
    let mut lines = text.lines();
    let header = lines.next().and_then(|line| line.strip_prefix("# "));
    ensure!(
        header.is_some_and(|header| header.split('\t').eq(R::COLUMNS.iter().copied())),
        "the first line does not name the columns {}",
        R::COLUMNS.join(", ")
    );
    lines
        .enumerate()
        .map(|(index, line)| {
            let mut cells = Cells(line.split('\t'));
            R::from_cells(&mut cells)
                .and_then(|record| {
                    ensure!(cells.0.next().is_none(), "too many cells");
                    Ok(record)
                })
                .with_context(|| format!("line {}", index + 2))
        })
        .collect()
}

/// Reads the records of one kind from their file in `dir`.
pub(crate) fn load<R: Record>(dir: &Path) -> Result<Vec<R>> {
    let path = dir.join(R::FILE);
    let bytes = super::read(&path)?;
    String::from_utf8(bytes)
        .map_err(Into::into)
        .and_then(|text| from_text(&text))
        .with_context(|| format!("in {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Line {
        name: String,
        size: Option<u32>,
        on: bool,
        tags: Vec<String>,
    }

    impl Record for Line {
        const FILE: &'static str = "lines.tsv";
        const COLUMNS: &'static [&'static str] = &["name", "size", "on", "tags"];

        fn cells(&self) -> Vec<String> {
            vec![
                self.name.clone(),
                optional(self.size),
                flag(self.on),
                join(&self.tags, ','),
            ]
        }

        fn from_cells(cells: &mut Cells<'_>) -> Result<Self> {
            Ok(Self {
                name: cells.string()?,
                size: cells.optional()?,
                on: cells.flag()?,
                tags: cells.list(',')?,
            })
        }
    }

    fn line(name: &str) -> Line {
        Line {
            name: name.into(),
            size: None,
            on: true,
            tags: vec!["a".into(), "b".into()],
        }
    }

    #[test]
    fn records_round_trip() {
        let records = [
            line("x \\d+ \"y\""),
            Line {
                size: Some(7),
                on: false,
                tags: vec![],
                ..line("")
            },
        ];
        let text = to_text(&records).unwrap();
        assert_eq!(
            text,
            "# name\tsize\ton\ttags\nx \\d+ \"y\"\t\t1\ta,b\n\t7\t0\t\n"
        );
        assert_eq!(from_text::<Line>(&text).unwrap(), records);
    }

    #[test]
    fn cells_stay_on_their_line() {
        for name in ["a\tb", "a\nb", "a\rb"] {
            assert!(to_text(&[line(name)]).is_err());
        }
    }

    #[test]
    fn bad_files_are_refused() {
        for (text, problem) in [
            ("", "the first line"),
            ("# name\tsize\n", "the first line"),
            ("# name\tsize\ton\ttags\nx\t\t1\n", "line 2: too few cells"),
            (
                "# name\tsize\ton\ttags\nx\t\t1\t\t\n",
                "line 2: too many cells",
            ),
            (
                "# name\tsize\ton\ttags\nx\ty\t1\t\n",
                "line 2: `y`: invalid",
            ),
            (
                "# name\tsize\ton\ttags\nx\t\tz\t\n",
                "`z` is neither 0 nor 1",
            ),
        ] {
            let error = format!("{:#}", from_text::<Line>(text).unwrap_err());
            assert!(error.contains(problem), "{error}");
        }
    }
}

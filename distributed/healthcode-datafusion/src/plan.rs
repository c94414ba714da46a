//! Divides files into pieces, and pieces into partitions.

use crate::files::{Location, Piece, is_compressed, is_ndjson};
use crate::read::{first_byte, first_line, newlines};
use datafusion::common::Result;
use futures::{StreamExt, TryStreamExt, stream};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// How many ranges are counted at the same time.
const AT_ONCE: usize = 4;

/// How files are divided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Division {
    /// How many partitions there may be.
    pub(crate) partitions: usize,
    /// The size from which on a file is divided.
    pub(crate) from: u64,
    /// Whether the lines before each range are counted.
    pub(crate) count_lines: bool,
}

/// The pieces of each partition; one partition at least.
pub(crate) async fn plan(
    store: &Arc<dyn ObjectStore>,
    location: &Location,
    division: Division,
) -> Result<Vec<Vec<Piece>>> {
    let files = location.files(store).await?;
    let total: u64 = files.iter().map(|(file, _)| file.size).sum();
    let parts = u64::try_from(division.partitions.max(1)).unwrap_or(1);
    let size = total.div_ceil(parts).max(1);
    let mut pieces = Vec::new();
    for (file, name) in &files {
        if file.size == 0 {
            continue;
        }
        let is_large = file.size >= division.from && file.size > size;
        if is_large && is_plain_ndjson(store, file).await? {
            let mut ranges = ranges(file, name, size);
            if division.count_lines {
                count(store, &file.location, &mut ranges).await?;
            }
            pieces.extend(ranges);
        } else {
            pieces.push(Piece {
                path: file.location.to_string(),
                name: name.clone(),
                start: 0,
                end: file.size,
                is_range: false,
                first_line: Some(1),
            });
        }
    }
    Ok(distribute(pieces, division.partitions.max(1)))
}

/// Whether a file is NDJSON that is not compressed, whatever its name says.
async fn is_plain_ndjson(store: &Arc<dyn ObjectStore>, file: &ObjectMeta) -> Result<bool> {
    let name = file.location.to_string();
    if !is_ndjson(&name) || is_compressed(&name) {
        return Ok(false);
    }
    let head = store.get_range(&file.location, 0..file.size.min(4)).await?;
    let has_magic = matches!(
        head.as_ref(),
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18]
    );
    Ok(!has_magic)
}

fn ranges(file: &ObjectMeta, name: &str, size: u64) -> Vec<Piece> {
    let count = file.size.div_ceil(size);
    let size = file.size.div_ceil(count);
    let starts = (0..count).map(|index| index * size);
    let starts = starts.take_while(|start| *start < file.size);
    let range = |start: u64| Piece {
        path: file.location.to_string(),
        name: name.to_owned(),
        start,
        end: (start + size).min(file.size),
        is_range: true,
        first_line: None,
    };
    starts.map(range).collect()
}

/// Sets the numbers of the first lines of the ranges of a file.
async fn count(store: &Arc<dyn ObjectStore>, path: &Path, ranges: &mut [Piece]) -> Result<()> {
    // Between the bytes with which the ranges begin.
    let bounds: Vec<u64> = ranges.iter().map(|range| first_byte(range.start)).collect();
    let parts = bounds.iter().zip(bounds.iter().skip(1));
    let counts: Vec<_> = parts
        .map(|(from, to)| newlines(store, path, *from, *to))
        .collect();
    let counts: Vec<u64> = stream::iter(counts).buffered(AT_ONCE).try_collect().await?;
    let mut before = 0;
    let mut counts = counts.into_iter();
    for range in ranges {
        range.first_line = Some(first_line(range.start, before));
        before += counts.next().unwrap_or(0);
    }
    Ok(())
}

/// Assigns each piece to the partition that has least so far, the largest ones first.
fn distribute(pieces: Vec<Piece>, count: usize) -> Vec<Vec<Piece>> {
    let count = count.min(pieces.len()).max(1);
    let mut order: Vec<(u64, usize)> = pieces
        .iter()
        .enumerate()
        .map(|(index, piece)| (piece.end - piece.start, index))
        .collect();
    order.sort_by_key(|(size, index)| (Reverse(*size), *index));
    let mut loads: BinaryHeap<Reverse<(u64, usize)>> =
        (0..count).map(|part| Reverse((0, part))).collect();
    let mut places = vec![0; pieces.len()];
    for (size, index) in order {
        if let Some(Reverse((load, part))) = loads.pop() {
            if let Some(place) = places.get_mut(index) {
                *place = part;
            }
            loads.push(Reverse((load + size, part)));
        }
    }
    let mut parts = vec![Vec::new(); count];
    for (piece, place) in pieces.into_iter().zip(places) {
        if let Some(part) = parts.get_mut(place) {
            part.push(piece);
        }
    }
    parts
}

//! A stroke of the mouse laid into a table of times and currents, and lines drawn smoothly however fast the pointer was.

use std::collections::BTreeMap;

/// What has been drawn since the button went down: heights by their bin of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stroke {
    bins: BTreeMap<u32, f64>,
    last: Option<(u32, f64)>,
}

impl Stroke {
    pub fn is_empty(&self) -> bool {
        self.bins.is_empty()
    }

    /// The pointer is at a bin and a height; bins that it jumped over get the line to it.
    pub fn to(&mut self, bin: u32, height: f64) {
        let (from, start) = self.last.unwrap_or((bin, height));
        let steps = bin.abs_diff(from);
        for k in 0..=steps {
            let part = if steps == 0 { 1.0 } else { f64::from(k) / f64::from(steps) };
            let at = if bin >= from { from + k } else { from - k };
            // Where the pen was before, the newest height counts, but not at the place it came from.
            if k > 0 || steps == 0 {
                self.bins.insert(at, start + part * (height - start));
            }
        }
        self.last = Some((bin, height));
    }

    /// Time and height of each point, with bins of `width` ms.
    pub fn points(&self, width: f64) -> Vec<[f64; 2]> {
        self.bins.iter().map(|(bin, height)| [f64::from(*bin) * width, *height]).collect()
    }
}

/// The value of a table (linear between its times, nothing outside) at `t`.
pub fn value(table: &[Vec<f64>], t: f64) -> f64 {
    let next = table.partition_point(|row| row[0] <= t);
    let Some(before) = next.checked_sub(1).map(|i| &table[i]) else { return 0.0 };
    match table.get(next) {
        Some(after) => before[1] + (after[1] - before[1]) * (t - before[0]) / (after[0] - before[0]),
        None => {
            if t <= before[0] {
                before[1]
            } else {
                0.0
            }
        }
    }
}

/// The table with a stroke in it: what lay under the stroke is gone, what lay beside it stays as it was.
pub fn laid(table: &[Vec<f64>], stroke: &[[f64; 2]], width: f64) -> Vec<Vec<f64>> {
    let (Some(first), Some(last)) = (stroke.first(), stroke.last()) else { return table.to_vec() };
    let (left, right) = (first[0] - width, last[0] + width);
    let mut before: Vec<Vec<f64>> = table.iter().filter(|r| r[0] < left).cloned().collect();
    let mut after: Vec<Vec<f64>> = table.iter().filter(|r| r[0] > right).cloned().collect();
    let old = |t: f64| value(table, t);
    // Towards a neighbour the old line goes on up to the stroke; where there was none it is nothing up to there.
    if let Some(end) = before.last().map(|r| r[0]) {
        if table.last().is_some_and(|r| r[0] < left) && left - end > width {
            before.push(vec![end + width, 0.0]);
        }
        before.push(vec![left, old(left)]);
    }
    if let Some(start) = after.first().map(|r| r[0]) {
        let mut edge = vec![vec![right, old(right)]];
        if table.first().is_some_and(|r| r[0] > right) && start - right > width {
            edge.push(vec![start - width, 0.0]);
        }
        after.splice(0..0, edge);
    }
    let middle = stroke.iter().filter(|p| p[0] >= 0.0).map(|p| p.to_vec());
    let mut all: Vec<Vec<f64>> = before.into_iter().chain(middle).chain(after).filter(|r| r[0] >= 0.0).collect();
    all.dedup_by(|b, a| b[0] <= a[0]);
    straightened(all)
}

/// Without the points that lie on the line between their neighbours.
fn straightened(table: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let size = table.iter().map(|r| r[1].abs()).fold(0.0, f64::max);
    let mut out: Vec<Vec<f64>> = Vec::with_capacity(table.len());
    for (k, row) in table.iter().enumerate() {
        if let (Some(a), Some(c)) = (out.last(), table.get(k + 1)) {
            let on_line = a[1] + (c[1] - a[1]) * (row[0] - a[0]) / (c[0] - a[0]);
            if (on_line - row[1]).abs() <= 1e-9 * size {
                continue;
            }
        }
        out.push(row.clone());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(points: &[(u32, f64)]) -> Stroke {
        let mut stroke = Stroke::default();
        points.iter().for_each(|(bin, height)| stroke.to(*bin, *height));
        stroke
    }

    #[test]
    fn a_quick_pointer_leaves_no_gaps_and_the_newest_height_counts() {
        let stroke = drawn(&[(2, 0.0), (6, 8.0)]);
        assert_eq!(stroke.points(1.0), [[2.0, 0.0], [3.0, 2.0], [4.0, 4.0], [5.0, 6.0], [6.0, 8.0]]);
        let back = drawn(&[(2, 0.0), (6, 8.0), (4, 0.0)]);
        assert_eq!(back.points(0.5), [[1.0, 0.0], [1.5, 2.0], [2.0, 0.0], [2.5, 4.0], [3.0, 8.0]]);
        assert!(Stroke::default().is_empty() && Stroke::default().points(1.0).is_empty());
    }

    #[test]
    fn a_stroke_into_nothing_is_the_table() {
        let table = laid(&[], &drawn(&[(10, 5.0), (12, 5.0), (14, 9.0)]).points(1.0), 1.0);
        assert_eq!(table, [[10.0, 5.0], [12.0, 5.0], [14.0, 9.0]]);
    }

    #[test]
    fn a_second_stroke_leaves_what_is_beside_it() {
        let first = laid(&[], &drawn(&[(10, 5.0), (20, 5.0)]).points(1.0), 1.0);
        // Far after the first: nothing in between.
        let second = laid(&first, &drawn(&[(40, 3.0), (50, 3.0)]).points(1.0), 1.0);
        assert_eq!([15.0, 30.0, 38.5, 45.0, 60.0].map(|t| value(&second, t)), [5.0, 0.0, 0.0, 3.0, 0.0]);
        // Before both.
        let third = laid(&second, &drawn(&[(0, 1.0), (2, 1.0)]).points(1.0), 1.0);
        assert_eq!([1.0, 5.0, 15.0, 45.0].map(|t| value(&third, t)), [1.0, 0.0, 5.0, 3.0]);
        // Into the middle of a sparse line: it stays up to the stroke.
        let sparse = vec![vec![0.0, 0.0], vec![100.0, 100.0]];
        let cut = laid(&sparse, &drawn(&[(50, 0.0), (52, 0.0)]).points(1.0), 1.0);
        let here = [20.0, 49.0, 51.0, 53.0, 80.0].map(|t| value(&cut, t));
        assert!(here.iter().zip([20.0, 49.0, 0.0, 53.0, 80.0]).all(|(a, b)| (a - b).abs() < 1e-9), "{here:?}");
        assert!(cut.windows(2).all(|w| w[0][0] < w[1][0]));
    }
}

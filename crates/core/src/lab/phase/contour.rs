//! Zero lines of the two components of a flow, by marching squares on a grid.

use super::Window;

/// Cells of the grid along each axis.
const COLS: usize = 128;
const ROWS: usize = 96;

/// For each component the lines where it is zero.
pub fn zeros(flow: &dyn Fn(f64, f64) -> (f64, f64), window: Window) -> [Vec<Vec<[f64; 2]>>; 2] {
    let x = |i: usize| window.x.0 + (window.x.1 - window.x.0) * i as f64 / COLS as f64;
    let y = |j: usize| window.y.0 + (window.y.1 - window.y.0) * j as f64 / ROWS as f64;
    let values: Vec<(f64, f64)> = (0..=ROWS).flat_map(|j| (0..=COLS).map(move |i| (i, j))).map(|(i, j)| flow(x(i), y(j))).collect();
    let at = |i: usize, j: usize| values[j * (COLS + 1) + i];
    [0, 1].map(|component| {
        let value = |i: usize, j: usize| if component == 0 { at(i, j).0 } else { at(i, j).1 };
        let mut pieces = Vec::new();
        for (j, i) in (0..ROWS).flat_map(|j| (0..COLS).map(move |i| (j, i))) {
            let corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)];
            let mut crossings = Vec::with_capacity(4);
            for k in 0..4 {
                let ((i0, j0), (i1, j1)) = (corners[k], corners[(k + 1) % 4]);
                let (a, b) = (value(i0, j0), value(i1, j1));
                if (a < 0.0) != (b < 0.0) && a.is_finite() && b.is_finite() {
                    let t = a / (a - b);
                    crossings.push([x(i0) + (x(i1) - x(i0)) * t, y(j0) + (y(j1) - y(j0)) * t]);
                }
            }
            pieces.extend(crossings.chunks_exact(2).map(|c| [c[0], c[1]]));
        }
        joined(pieces)
    })
}

/// Pieces that touch become one line.
fn joined(mut pieces: Vec<[[f64; 2]; 2]>) -> Vec<Vec<[f64; 2]>> {
    let mut lines: Vec<Vec<[f64; 2]>> = Vec::new();
    // Cells come row by row, so a line's pieces are mostly neighbours in the list; ends are compared bit by bit, since both cells of an
    // edge compute the same crossing.
    let same =
        |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).abs() < 1e-9 * (1.0 + a[0].abs()) && (a[1] - b[1]).abs() < 1e-9 * (1.0 + a[1].abs());
    while let Some([a, b]) = pieces.pop() {
        let mut line = std::collections::VecDeque::from([a, b]);
        loop {
            let (front, back) = (line[0], line[line.len() - 1]);
            let next = pieces.iter().position(|p| same(p[0], back) || same(p[1], back) || same(p[0], front) || same(p[1], front));
            let Some([p, q]) = next.map(|k| pieces.swap_remove(k)) else { break };
            if same(p, back) {
                line.push_back(q);
            } else if same(q, back) {
                line.push_back(p);
            } else if same(p, front) {
                line.push_front(q);
            } else {
                line.push_front(p);
            }
        }
        lines.push(line.into());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_one_closed_line_of_its_length() {
        let window = Window { x: (-2.0, 2.0), y: (-2.0, 2.0) };
        let [circle, line] = zeros(&|x, y| (x * x + y * y - 1.0, y - 0.013), window);
        assert_eq!((circle.len(), line.len()), (1, 1));
        let length: f64 = circle[0].windows(2).map(|w| (w[1][0] - w[0][0]).hypot(w[1][1] - w[0][1])).sum();
        assert!((length - std::f64::consts::TAU).abs() < 0.01, "{length}");
        assert!(line[0].iter().all(|p| (p[1] - 0.013).abs() < 1e-9));
    }
}

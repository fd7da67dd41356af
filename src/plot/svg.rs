//! A figure as SVG: text stays text, marks stay vectors; rasters of very many marks and matrices become pictures inside it.

use super::{Across, Axis, Figure, Item, Pen, Picture, Plot, Sign};
use super::{Ink, number, png};
use std::fmt::Write;

/// Above this many marks in one plot they are embedded as a picture, which the note then says.
pub const MOST_MARKS: usize = 50_000;

const SMALL: f32 = 11.0;
const BODY: f32 = 13.0;
const LINE: f32 = 15.0;
const MARGIN: f32 = 16.0;
/// Left of the data: numbers and the upright title.
const GUTTER: f32 = 62.0;
/// Below the data: numbers and the title.
const BELOW: f32 = 36.0;
/// Right of a picture: its colour bar.
const BAR: f32 = 64.0;

#[derive(Clone, Copy)]
struct Rect {
    x: f32,
    y: f32,
    w: f32,
    h: f32,
}

/// Where the values of a plot lie on the page.
struct Place<'a> {
    rect: Rect,
    x: &'a Axis,
    y: &'a Axis,
}

impl Place<'_> {
    #[allow(clippy::cast_possible_truncation)]
    fn at(&self, x: f64, y: f64) -> (f32, f32) {
        let far = |p: f64| p.clamp(-1e4, 1e4) as f32;
        (self.rect.x + self.rect.w * far(self.x.part(x)), self.rect.y + self.rect.h * (1.0 - far(self.y.part(y))))
    }
}

/// The whole figure, `width` × `height` points.
pub fn write(figure: &Figure, width: f32, height: f32) -> String {
    let mut out = String::new();
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"Inter, 'DejaVu Sans', sans-serif\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#FFFFFF\"/>\n"
    );
    let mut top = MARGIN;
    if !figure.title.is_empty() {
        words(&mut out, (MARGIN, top + BODY), &figure.title, BODY + 1.0, Ink::Strong, "start", true);
        top += 26.0;
    }
    let lines: Vec<String> = figure.caption.iter().flat_map(|l| wrap(l, width - 2.0 * MARGIN)).collect();
    let bottom = height - MARGIN - LINE * lines.len() as f32;
    let share = |p: &Plot| if p.share > 0.0 { p.share } else { 1.0 };
    let total: f32 = figure.plots.iter().map(share).sum();
    let columns = figure.columns.clamp(1, figure.plots.len().max(1));
    for (i, p) in figure.plots.iter().enumerate() {
        if columns > 1 {
            let rows = figure.plots.len().div_ceil(columns);
            let (w, h) = ((width - 2.0 * MARGIN) / columns as f32, (bottom - MARGIN - top) / rows as f32);
            let (x, y) = (MARGIN + w * (i % columns) as f32, top + h * (i / columns) as f32);
            plot(&mut out, p, Rect { x, y, w: w - 8.0, h: h - 8.0 }, i);
            continue;
        }
        let h = ((bottom - MARGIN - top) * share(p) / total).max(0.0);
        let before: f32 = figure.plots[..i].iter().map(share).sum();
        let y = top + (bottom - MARGIN - top) * before / total;
        plot(&mut out, p, Rect { x: MARGIN, y, w: width - 2.0 * MARGIN, h: h - 8.0 }, i);
    }
    for (i, line) in lines.iter().enumerate() {
        words(&mut out, (MARGIN, bottom + LINE * (i as f32 + 1.0)), line, SMALL, Ink::Weak, "start", false);
    }
    out.push_str("</svg>\n");
    out
}

fn plot(out: &mut String, plot: &Plot, outer: Rect, index: usize) {
    let mut y = outer.y;
    if !plot.title.is_empty() {
        words(out, (outer.x + GUTTER, y + SMALL), &plot.title, SMALL + 1.0, Ink::Strong, "start", true);
        y += 20.0;
    }
    let marks: usize = plot.items.iter().map(|i| if let Item::Points { points, .. } = i { points.len() } else { 0 }).sum();
    let mut note = plot.note.clone();
    if marks > MOST_MARKS {
        let _ = write!(note, "{}{} marks, embedded as a picture", if note.is_empty() { "" } else { " · " }, number::count(marks as u64));
    }
    let foot = BELOW + if note.is_empty() { 0.0 } else { LINE };
    let bar = plot.picture().map_or(0.0, |_| BAR);
    let rect = Rect {
        x: outer.x + GUTTER,
        y: y + 4.0,
        w: (outer.w - GUTTER - 8.0 - bar).max(8.0),
        h: (outer.y + outer.h - foot - y - 4.0).max(8.0),
    };
    let place = Place { rect, x: &plot.x, y: &plot.y };
    frame(out, &place);
    let Rect { x, y, w, h } = rect;
    let _ = writeln!(
        out,
        "<clipPath id=\"c{index}\"><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\"/></clipPath><g clip-path=\"url(#c{index})\">"
    );
    for one in &plot.items {
        item(out, one, &place, marks > MOST_MARKS);
    }
    out.push_str("</g>\n");
    if let Some(picture) = plot.picture() {
        colour_bar(out, picture, Rect { x: x + w + 14.0, y, w: 10.0, h });
    }
    legend(out, plot, rect);
    if !note.is_empty() {
        words(out, (x, y + h + foot - 2.0), &note, SMALL, Ink::Weak, "start", false);
    }
}

/// Grid, numbers and titles.
fn frame(out: &mut String, place: &Place<'_>) {
    let Rect { x, y, w, h } = place.rect;
    let grid = Ink::Hairline.on_paper();
    for (tick, text) in place.x.ticks(f64::from(w / 70.0)) {
        let at = place.at(tick, place.y.low).0;
        let _ = writeln!(out, "<path d=\"M{at:.1} {y:.1}V{:.1}\" stroke=\"{grid}\" stroke-width=\"0.75\"/>", y + h);
        words(out, (at, y + h + 14.0), &text, SMALL, Ink::Weak, "middle", false);
    }
    for (tick, text) in place.y.ticks(f64::from(h / 36.0)) {
        let at = place.at(place.x.low, tick).1;
        let _ = writeln!(out, "<path d=\"M{x:.1} {at:.1}H{:.1}\" stroke=\"{grid}\" stroke-width=\"0.75\"/>", x + w);
        words(out, (x - 5.0, at + 4.0), &text, SMALL, Ink::Weak, "end", false);
    }
    let _ = writeln!(out, "<path d=\"M{x:.1} {y:.1}V{:.1}H{:.1}\" fill=\"none\" stroke=\"{}\"/>", y + h, x + w, Ink::Weak.on_paper());
    words(out, (x + w / 2.0, y + h + 30.0), &place.x.label, SMALL, Ink::Text, "middle", false);
    let (left, middle) = (x - GUTTER + 10.0, y + h / 2.0);
    let _ = writeln!(
        out,
        "<text transform=\"translate({left:.1} {middle:.1}) rotate(-90)\" text-anchor=\"middle\" font-size=\"{SMALL}\" fill=\"{}\">{}</text>",
        Ink::Text.on_paper(),
        escaped(&place.y.label)
    );
}

fn item(out: &mut String, item: &Item, place: &Place<'_>, many: bool) {
    match item {
        Item::Line { points, pen, .. } => line(out, points, *pen, place),
        Item::Points { points, ink, sign, size, .. } if many => {
            let Rect { x, y, w, h } = place.rect;
            let dots = points.iter().filter(|p| p[0].is_finite() && p[1].is_finite()).map(|p| place.at(p[0], p[1]));
            let radius = if *sign == Sign::Bar { 1.0 } else { (size / 2.0).max(1.0) };
            let data = png::dots(dots.map(|(a, b)| (a - x, b - y)), (w, h), radius, ink.on_paper());
            image(out, place.rect, &data, false);
        }
        Item::Points { points, ink, sign, size, .. } => marks(out, points, *ink, *sign, *size, place),
        Item::Bars { edges, heights, ink, .. } => {
            let mut path = String::new();
            for (edge, height) in edges.windows(2).zip(heights).filter(|(_, h)| h.is_finite() && **h != 0.0) {
                let zero = 0f64.max(place.y.low);
                let ((a, b), (c, d)) = (place.at(edge[0], *height), place.at(edge[1], zero));
                let _ = write!(path, "M{a:.2} {d:.2}V{b:.2}H{c:.2}V{d:.2}Z");
            }
            let _ = writeln!(out, "<path d=\"{path}\" fill=\"{}\" fill-opacity=\"0.8\"/>", ink.on_paper());
        }
        Item::Band { points, ink } => {
            let fine = || points.iter().filter(|p| p.iter().all(|v| v.is_finite()));
            let mut path = String::new();
            for (i, p) in fine().map(|p| place.at(p[0], p[1])).chain(fine().rev().map(|p| place.at(p[0], p[2]))).enumerate() {
                let _ = write!(path, "{}{:.2} {:.2}", if i == 0 { 'M' } else { 'L' }, p.0, p.1);
            }
            let _ = writeln!(out, "<path d=\"{path}\" fill=\"{}\" fill-opacity=\"0.15\"/>", ink.on_paper());
        }
        Item::Rule { across, at, pen, .. } if at.is_finite() => {
            let ends = match across {
                Across::X => [[*at, place.y.low], [*at, place.y.high]],
                Across::Y => [[place.x.low, *at], [place.x.high, *at]],
            };
            line(out, &ends, *pen, place);
        }
        Item::Rule { .. } => {}
        Item::Arrows { arrows, ink } => {
            let mut path = String::new();
            for a in arrows.iter().filter(|a| a.iter().all(|v| v.is_finite())) {
                let ((x0, y0), (x1, y1)) = (place.at(a[0], a[1]), place.at(a[0] + a[2], a[1] + a[3]));
                let (dx, dy) = (x1 - x0, y1 - y0);
                let (hx, hy) = (x1 - 0.3 * dx, y1 - 0.3 * dy);
                let (nx, ny) = (-0.15 * dy, 0.15 * dx);
                let _ = write!(
                    path,
                    "M{x0:.1} {y0:.1}L{x1:.1} {y1:.1}L{:.1} {:.1}M{x1:.1} {y1:.1}L{:.1} {:.1}",
                    hx + nx,
                    hy + ny,
                    hx - nx,
                    hy - ny
                );
            }
            let _ = writeln!(out, "<path d=\"{path}\" fill=\"none\" stroke=\"{}\" stroke-width=\"0.8\"/>", ink.on_paper());
        }
        Item::Picture(picture) => {
            let ((x0, y0), (x1, y1)) = (place.at(picture.left, picture.top), place.at(picture.right, picture.bottom));
            let rect = Rect { x: x0.min(x1), y: y0.min(y1), w: (x1 - x0).abs(), h: (y1 - y0).abs() };
            image(out, rect, &png::matrix(picture), true);
        }
        Item::Words { at, words: text, ink } => words(out, place.at(at[0], at[1]), text, SMALL, *ink, "start", false),
    }
}

fn line(out: &mut String, points: &[[f64; 2]], pen: Pen, place: &Place<'_>) {
    let mut path = String::new();
    let mut last: Option<(f32, f32)> = None;
    for p in points {
        if !(p[0].is_finite() && p[1].is_finite()) {
            last = None;
            continue;
        }
        let (x, y) = place.at(p[0], p[1]);
        // Points nearer than a quarter of a point say nothing new.
        if last.is_some_and(|(a, b)| (a - x).abs() < 0.25 && (b - y).abs() < 0.25) {
            continue;
        }
        let _ = write!(path, "{}{x:.2} {y:.2}", if last.is_none() { 'M' } else { 'L' });
        last = Some((x, y));
    }
    let dash = if pen.dashed { " stroke-dasharray=\"4 3\"" } else { "" };
    let (ink, width) = (pen.ink.on_paper(), pen.width);
    let _ = writeln!(out, "<path d=\"{path}\" fill=\"none\" stroke=\"{ink}\" stroke-width=\"{width}\" stroke-linejoin=\"round\"{dash}/>");
}

fn marks(out: &mut String, points: &[[f64; 2]], ink: Ink, sign: Sign, size: f32, place: &Place<'_>) {
    let mut path = String::new();
    let r = size / 2.0;
    for (x, y) in points.iter().filter(|p| p[0].is_finite() && p[1].is_finite()).map(|p| place.at(p[0], p[1])) {
        let _ = match sign {
            Sign::Dot | Sign::Ring => {
                write!(path, "M{:.2} {y:.2}a{r:.2} {r:.2} 0 1 0 {size:.2} 0a{r:.2} {r:.2} 0 1 0 {:.2} 0", x - r, -size)
            }
            Sign::Triangle => write!(path, "M{:.2} {:.2}L{x:.2} {:.2}L{:.2} {:.2}Z", x - r, y + r, y - r, x + r, y + r),
            Sign::Cross => write!(path, "M{:.2} {:.2}l{size:.2} {size:.2}m{:.2} 0l{size:.2} {:.2}", x - r, y - r, -size, -size),
            Sign::Bar => write!(path, "M{x:.2} {:.2}v{size:.2}", y - r),
        };
    }
    let ink = ink.on_paper();
    let look = match sign {
        Sign::Dot | Sign::Triangle => format!("fill=\"{ink}\""),
        _ => format!("fill=\"none\" stroke=\"{ink}\" stroke-width=\"1\""),
    };
    let _ = writeln!(out, "<path d=\"{path}\" {look}/>");
}

fn legend(out: &mut String, plot: &Plot, rect: Rect) {
    let entries = plot.legend();
    if entries.is_empty() {
        return;
    }
    let mut x = rect.x + rect.w;
    for (name, ink) in entries.iter().rev() {
        x -= 7.0 * name.chars().count() as f32 + 26.0;
        let y = rect.y - 6.0;
        let _ = writeln!(out, "<path d=\"M{x:.1} {y:.1}h14\" stroke=\"{}\" stroke-width=\"2.5\"/>", ink.on_paper());
        words(out, (x + 18.0, y + 4.0), name, SMALL, Ink::Text, "start", false);
    }
}

fn colour_bar(out: &mut String, picture: &Picture, rect: Rect) {
    image(out, rect, &png::ramp(picture.map), true);
    let axis = Axis::new("", (f64::from(picture.range.0), f64::from(picture.range.1)));
    for (tick, text) in axis.ticks(5.0) {
        #[allow(clippy::cast_possible_truncation)]
        let y = rect.y + rect.h * (1.0 - axis.part(tick) as f32);
        words(out, (rect.x + rect.w + 4.0, y + 4.0), &text, SMALL, Ink::Weak, "start", false);
    }
    words(out, (rect.x + rect.w + 40.0, rect.y - 6.0), &picture.label, SMALL, Ink::Text, "end", false);
}

fn image(out: &mut String, r: Rect, png: &[u8], crisp: bool) {
    let style = if crisp { " style=\"image-rendering:pixelated\"" } else { "" };
    let _ = writeln!(
        out,
        "<image x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" preserveAspectRatio=\"none\"{style} \
         xlink:href=\"data:image/png;base64,{}\"/>",
        r.x,
        r.y,
        r.w,
        r.h,
        base64(png)
    );
}

fn words(out: &mut String, (x, y): (f32, f32), text: &str, size: f32, ink: Ink, anchor: &str, bold: bool) {
    let weight = if bold { " font-weight=\"600\" font-family=\"'Inter Semi Bold', Inter, sans-serif\"" } else { "" };
    let (fill, text) = (ink.on_paper(), escaped(text));
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\"{weight} fill=\"{fill}\">{text}</text>"
    );
}

fn escaped(text: &str) -> String {
    // Control characters have no place in XML, whatever a network was called.
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Breaks a line at spaces so that it fits, by the mean width of a letter.
fn wrap(text: &str, width: f32) -> Vec<String> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let most = (width / (SMALL * 0.55)) as usize;
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().map_or(0, |l| l.chars().count());
        if last > 0 && last + 1 + word.chars().count() > most {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let n = group.iter().fold(0u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - group.len()));
        for i in 0..4 {
            out.push(if i <= group.len() { SIGNS[(n >> (18 - 6 * i)) as usize & 63] as char } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn text_stays_text_and_signs_are_escaped() {
        let figure = Figure { title: "E < I & \"x\"\u{7}".into(), caption: vec!["seed 1".into()], ..Figure::default() };
        let svg = write(&figure, 400.0, 300.0);
        assert!(svg.contains("E &lt; I &amp; &quot;x&quot;</text>") && svg.contains("seed 1</text>"));
    }

    #[test]
    fn a_gap_breaks_a_line_and_many_marks_become_a_picture() {
        let line = vec![[0.0, 0.0], [0.5, f64::NAN], [1.0, 1.0]];
        let plot = Plot::new(Axis::new("x", (0.0, 1.0)), Axis::new("y", (0.0, 1.0))).line(line, Pen::new(Ink::Accent), "v");
        let sheet = write(&Figure { plots: vec![plot.clone(); 5], columns: 2, ..Figure::default() }, 900.0, 900.0);
        assert!(!sheet.contains("NaN") && sheet.matches("<clipPath").count() >= 5, "every plot has its place");
        let svg = write(&Figure { plots: vec![plot.clone()], ..Figure::default() }, 400.0, 300.0);
        assert!(!svg.contains("NaN") && !svg.contains("<image"));
        let points = vec![[0.5, 0.5]; MOST_MARKS + 1];
        let plot = plot.with(Item::Points { points, ink: Ink::Text, sign: Sign::Bar, size: 3.0, name: String::new() });
        let svg = write(&Figure { plots: vec![plot], ..Figure::default() }, 400.0, 300.0);
        assert!(svg.contains("<image") && svg.contains("50,001 marks, embedded as a picture"));
    }
}

//! The colour maps of the house in the window's colours.

pub use crate::plot::colormap::Map;
use egui::Color32;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// 256 colours from low to high.
pub type Table = [Color32; 256];

static TABLES: LazyLock<BTreeMap<(Map, bool), Table>> = LazyLock::new(|| {
    let all = [Map::Viridis, Map::Signed, Map::Change].into_iter().flat_map(|map| [(map, false), (map, true)]);
    all.map(|(map, dark)| ((map, dark), map.table(dark).map(|[r, g, b]| Color32::from_rgb(r, g, b)))).collect()
});

/// The colours of a map on a dark or a light ground.
pub fn table(map: Map, dark: bool) -> &'static Table {
    &TABLES[&(map, dark)]
}

//! The command palette: finds any command, panel or preset by a few letters.

use super::command::{ALL, UiCommand};
use super::theme::{self, Theme};
use super::{fonts, library, panel};
use egui::{Align2, Context, FontId, Key, Role, Sense, WidgetInfo, pos2, vec2};

/// How many finds are shown.
const SHOWN: usize = 10;

/// How the palette goes on after a frame.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    Open,
    Closed,
    Chosen(Choice),
}

/// What can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    Command(UiCommand),
    Panel(&'static str),
    Preset(&'static str),
}

struct Entry {
    choice: Choice,
    title: String,
    about: String,
    right: String,
}

/// The palette while it is open.
#[derive(Default)]
pub struct Palette {
    text: String,
    selected: usize,
    fresh: bool,
}

impl Palette {
    pub fn new() -> Self {
        Self { fresh: true, ..Self::default() }
    }

    /// Draws the palette.
    pub fn ui(&mut self, ctx: &Context, theme: &Theme) -> End {
        let entries = entries(ctx);
        let mut found: Vec<(i32, &Entry)> = entries.iter().filter_map(|e| score(&self.text, e).map(|s| (s, e))).collect();
        found.sort_by_key(|(s, _)| -s);
        found.truncate(SHOWN);
        let (down, up, enter, escape) = ctx.input_mut(|i| {
            let n = egui::Modifiers::NONE;
            (i.consume_key(n, Key::ArrowDown), i.consume_key(n, Key::ArrowUp), i.consume_key(n, Key::Enter), i.consume_key(n, Key::Escape))
        });
        self.selected = (self.selected + usize::from(down)).saturating_sub(usize::from(up)).min(found.len().saturating_sub(1));
        let mut chosen = enter.then(|| found.get(self.selected).map(|(_, e)| e.choice.clone())).flatten();
        let width = 520.0_f32.min(ctx.content_rect().width() - 32.0);
        let area = egui::Area::new(egui::Id::unique("palette")).order(egui::Order::Foreground).anchor(Align2::CENTER_TOP, vec2(0.0, 56.0));
        let shown = area.show(ctx, |ui| {
            egui::Frame::popup(ui.style()).inner_margin(8).show(ui, |ui| {
                ui.set_width(width);
                let edit = egui::TextEdit::singleline(&mut self.text)
                    .hint_text("Command, panel or preset")
                    .desired_width(width)
                    .margin(vec2(8.0, 6.0));
                let response = ui.add(edit.font(FontId::proportional(15.0)));
                response.widget_info(|| WidgetInfo::labeled(Role::SearchInput, true, "Search commands and presets"));
                if self.fresh || !response.has_focus() {
                    response.request_focus();
                }
                if response.changed() {
                    self.selected = 0;
                }
                ui.add_space(4.0);
                ui.spacing_mut().item_spacing.y = 0.0;
                for (i, (_, entry)) in found.iter().enumerate() {
                    if row(ui, theme, entry, i == self.selected) {
                        chosen = Some(entry.choice.clone());
                    }
                }
                if found.is_empty() {
                    ui.weak("Nothing of that name");
                }
            });
        });
        let outside = !self.fresh && shown.response.clicked_elsewhere();
        self.fresh = false;
        match chosen {
            Some(choice) => End::Chosen(choice),
            None if escape || outside => End::Closed,
            None => End::Open,
        }
    }
}

fn row(ui: &mut egui::Ui, theme: &Theme, entry: &Entry, selected: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, true, &entry.title));
    let painter = ui.painter();
    if selected || response.hovered() {
        painter.rect_filled(rect, 4.0, if selected { theme.accent_ground() } else { theme.control });
    }
    let y = rect.center().y;
    let title = painter.text(pos2(rect.left() + 8.0, y), Align2::LEFT_CENTER, &entry.title, fonts::medium(theme::BODY), theme.strong);
    let right =
        painter.text(pos2(rect.right() - 8.0, y), Align2::RIGHT_CENTER, &entry.right, FontId::proportional(theme::SMALL), theme.weak);
    let mut job = egui::text::LayoutJob::simple_singleline(entry.about.clone(), FontId::proportional(theme::SMALL), theme.weak);
    job.wrap = egui::text::TextWrapping::truncate_at_width((right.left() - title.right() - 20.0).max(0.0));
    let galley = painter.layout_job(job);
    painter.galley(pos2(title.right() + 10.0, y - galley.size().y / 2.0), galley, theme.weak);
    response.clicked()
}

fn entries(ctx: &Context) -> Vec<Entry> {
    let commands = ALL.iter().filter(|c| **c != UiCommand::Palette).map(|c| Entry {
        choice: Choice::Command(*c),
        title: c.name().trim_end_matches('…').to_owned(),
        about: c.tip().to_owned(),
        right: c.shortcut(ctx),
    });
    let panels = panel::ALL.iter().map(|k| Entry {
        choice: Choice::Panel(k.key),
        title: format!("Panel: {}", k.title),
        about: "Brings the panel to the front".to_owned(),
        right: String::new(),
    });
    let presets = library::presets().iter().map(|p| Entry {
        choice: Choice::Preset(p.key),
        title: p.spec.name.clone(),
        about: p.spec.purpose.clone(),
        right: "preset".to_owned(),
    });
    presets.chain(commands).chain(panels).collect()
}

/// How well an entry fits what was typed; `None` when it does not. Letters must come in order; starts of words count most.
fn score(typed: &str, entry: &Entry) -> Option<i32> {
    let typed = typed.trim().to_lowercase();
    if typed.is_empty() {
        return Some(i32::from(matches!(entry.choice, Choice::Command(_))));
    }
    let title = entry.title.to_lowercase();
    if let Some(at) = title.find(&typed) {
        let at_word = at == 0 || title[..at].ends_with([' ', '-', '(']);
        return Some(1000 + if at_word { 200 } else { 0 } - at as i32);
    }
    in_order(&typed, &title).map(|s| 500 + s).or_else(|| entry.about.to_lowercase().contains(&typed).then_some(100))
}

fn in_order(typed: &str, title: &str) -> Option<i32> {
    let mut points = 0;
    let mut rest = title.char_indices();
    let mut last = 0;
    for c in typed.chars().filter(|c| !c.is_whitespace()) {
        let (at, _) = rest.find(|(_, t)| *t == c)?;
        let starts_word = at == 0 || title[..at].ends_with(' ');
        points += if starts_word { 10 } else { 0 } - (at - last).min(20) as i32;
        last = at;
    }
    Some(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(title: &str) -> Entry {
        Entry { choice: Choice::Panel("x"), title: title.into(), about: String::new(), right: String::new() }
    }

    #[test]
    fn letters_in_order_find_and_starts_of_words_come_first() {
        assert!(score("svas", &entry("Save as")).is_some());
        assert!(score("xq", &entry("Save as")).is_none());
        assert!(score("save", &entry("Save as")) > score("save", &entry("Autosave")));
        assert!(score("sa", &entry("Step ahead")) > score("sa", &entry("xsxxa")));
    }
}

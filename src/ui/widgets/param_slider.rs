//! The slider of one parameter: symbol, track, value with its unit; made from the descriptor alone.

use super::scale::Track;
use crate::ui::theme::{BODY, ROW, SMALL, Theme};
use crate::ui::{fonts, text};
use egui::{Align2, Id, Key, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use spikeground_core::param::{ParamKind, ParamSpec};

/// Widths of a row, points: symbol on the left, value on the right, the track takes the rest.
const SYMBOL: f32 = 66.0;
const VALUE: f32 = 108.0;
/// Part of the value field that the unit takes, so that numbers stand in one column.
const UNIT: f32 = 46.0;
/// Stored instead of "never" and "no limit".
const ENDLESS: f64 = 1e9;

/// What a row needs to know.
pub struct Row<'a> {
    pub spec: &'static ParamSpec,
    pub unit: &'a str,
    pub value: f64,
    /// Value when the document was opened; the dot shows when it differs, double-click goes back to it.
    pub opened: f64,
}

/// A change asked for; changes of one gesture belong together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    pub value: f64,
    pub gesture: u64,
}

/// A number for the next gesture.
pub fn next_gesture(ctx: &egui::Context) -> u64 {
    ctx.data_mut(|d| {
        let n = d.get_temp_mut_or_default::<u64>(Id::unique("gesture"));
        *n += 1;
        *n
    })
}

/// What is being typed: the row, the text and what is wrong with it.
#[derive(Clone, Default)]
struct Typing {
    row: Option<Id>,
    text: String,
    problem: String,
    fresh: bool,
}

fn typing(ctx: &egui::Context) -> Typing {
    ctx.data_mut(|d| d.get_temp(Id::unique("typing")).unwrap_or_default())
}

fn set_typing(ctx: &egui::Context, typing: Typing) {
    ctx.data_mut(|d| d.insert_temp(Id::unique("typing"), typing));
}

/// The value as text, without its unit.
pub fn value_text(value: f64) -> String {
    if value.abs() >= ENDLESS {
        return if value > 0.0 { "∞".into() } else { "−∞".into() };
    }
    text::number(value, 5)
}

impl Row<'_> {
    /// Draws the row; returns a change if one was made.
    pub fn show(&self, ui: &mut Ui, theme: &Theme) -> Option<Change> {
        match self.spec.kind {
            ParamKind::Flag => self.flag(ui, theme),
            ParamKind::Choice(keys) => self.choice(ui, theme, keys),
            ParamKind::Number | ParamKind::Count => self.slider(ui, theme),
        }
    }

    fn is_changed(&self) -> bool {
        self.value.to_bits() != self.opened.to_bits()
    }

    fn symbol(&self, ui: &Ui, theme: &Theme, rect: Rect) {
        if self.is_changed() {
            ui.painter().circle_filled(pos2(rect.left() + 3.0, rect.center().y), 2.5, theme.accent);
        }
        let galley = ui.painter().layout_job(text::symbol(self.spec.symbol, BODY + 1.0, theme.text));
        let at = Align2::LEFT_CENTER.align_size_within_rect(galley.size(), rect.with_min_x(rect.left() + 10.0));
        ui.painter().with_clip_rect(rect).galley(at.min, galley, theme.text);
    }

    fn tip(&self, ui: &mut Ui) {
        ui.set_max_width(320.0);
        ui.label(egui::RichText::new(self.spec.key).font(fonts::semibold(BODY)));
        ui.label(self.spec.doc);
        let show = |v: f64| text::with_unit(&value_text(v), self.unit);
        let mut facts = vec![format!("default {}", show(self.spec.default))];
        if self.spec.kind == ParamKind::Number || self.spec.kind == ParamKind::Count {
            facts.insert(0, format!("from {} to {}", show(self.spec.valid.0), show(self.spec.valid.1)));
        }
        if self.is_changed() {
            facts.push(format!("opened with {}", show(self.opened)));
        }
        ui.weak(facts.join(" · "));
        if self.spec.effect == spikeground_core::param::Effect::Rebuild {
            ui.weak("Changing it rebuilds the network");
        }
        if self.is_changed() {
            ui.weak("Double-click: back to the opened value");
        }
    }

    fn flag(&self, ui: &mut Ui, theme: &Theme) -> Option<Change> {
        ui.horizontal(|ui| {
            ui.add_space(10.0);
            let mut on = self.value != 0.0;
            let words = label(self.spec);
            let response = ui.checkbox(&mut on, words).on_hover_ui(|ui| self.tip(ui));
            if self.is_changed() {
                let y = response.rect.center().y;
                ui.painter().circle_filled(pos2(response.rect.left() - 7.0, y), 2.5, theme.accent);
            }
            response.changed().then(|| Change { value: f64::from(u8::from(on)), gesture: next_gesture(ui.ctx()) })
        })
        .inner
    }

    fn choice(&self, ui: &mut Ui, theme: &Theme, keys: &'static [&'static str]) -> Option<Change> {
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
        self.symbol(ui, theme, Rect::from_min_size(rect.min, vec2(SYMBOL, ROW)));
        let mut chosen = self.value as usize;
        let name = self.spec.key;
        let mut child = ui.new_child(egui::UiBuilder::new().max_rect(rect.with_min_x(rect.left() + SYMBOL + 7.0)));
        let combo = egui::ComboBox::from_id_salt(name)
            .selected_text(keys.get(chosen).map_or_else(String::new, |k| k.replace('_', " ")))
            .width(rect.width() - SYMBOL - 7.0)
            .show_ui(&mut child, |ui| {
                for (i, key) in keys.iter().enumerate() {
                    ui.selectable_value(&mut chosen, i, key.replace('_', " "));
                }
            });
        combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, name));
        combo.response.on_hover_ui(|ui| self.tip(ui));
        (chosen as f64 != self.value).then(|| Change { value: chosen as f64, gesture: next_gesture(ui.ctx()) })
    }

    fn slider(&self, ui: &mut Ui, theme: &Theme) -> Option<Change> {
        let width = ui.available_width();
        let (rect, _) = ui.allocate_exact_size(vec2(width, ROW), Sense::hover());
        let id = ui.scope_id().with(("row", self.spec.key));
        let [symbol, track, field] = [
            Rect::from_min_max(rect.min, pos2(rect.left() + SYMBOL, rect.bottom())),
            Rect::from_min_max(pos2(rect.left() + SYMBOL, rect.top()), pos2(rect.right() - VALUE, rect.bottom())),
            Rect::from_min_max(pos2(rect.right() - VALUE + 6.0, rect.top()), rect.max),
        ];
        let scale = Track::of(self.spec, self.opened);
        let hover = ui.interact(symbol, id.with("symbol"), Sense::click()).on_hover_ui(|ui| self.tip(ui));
        hover.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{} symbol", self.spec.key)));
        self.symbol(ui, theme, symbol);
        let (slider, on_track) = self.track(ui, theme, track, id, &scale);
        let in_field = self.field(ui, theme, field, id, &scale);
        if slider.double_clicked() || hover.double_clicked() {
            return Some(Change { value: self.opened, gesture: next_gesture(ui.ctx()) });
        }
        let value = on_track.or(in_field)?;
        // A drag that leaves the valid range stops at it.
        let value = Change { value: value.value.clamp(self.spec.valid.0, self.spec.valid.1), ..value };
        (value.value.to_bits() != self.value.to_bits()).then_some(value)
    }

    fn track(&self, ui: &mut Ui, theme: &Theme, rect: Rect, id: Id, scale: &Track) -> (Response, Option<Change>) {
        let response = ui.interact(rect, id, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo { value: Some(self.value), ..WidgetInfo::labeled(Role::Slider, true, self.spec.key) });
        self.describe(ui, id, scale);
        let line = Rect::from_center_size(rect.center(), vec2(rect.width() - 14.0, 4.0));
        let mut change = Self::drag(ui, &response, id, |p, fine| {
            if fine {
                scale.step(self.value, f64::from(response.drag_delta().x / line.width() * 10.0), self.spec.valid)
            } else {
                scale.value((p - line.left()) / line.width(), line.width())
            }
        });
        change = change.or_else(|| self.keys(ui, &response, scale));
        if let Some(value) = asked_value(ui, id) {
            change = Some(Change { value, gesture: next_gesture(ui.ctx()) });
        }
        if ui.is_rect_visible(rect) {
            let painter = ui.painter();
            let x = |v: f64| line.left() + scale.position(v) * line.width();
            let look = ui.style().interact(&response);
            painter.rect_filled(line, 2.0, if response.hovered() { theme.hover } else { theme.control });
            let zero = if scale.low < 0.0 && scale.high > 0.0 { x(0.0) } else { line.left() };
            let at = x(self.value);
            let fill = Rect::from_min_max(pos2(zero.min(at), line.top()), pos2(zero.max(at), line.bottom()));
            painter.rect_filled(fill, 2.0, theme.accent.gamma_multiply(0.75));
            if self.is_changed() {
                painter.vline(x(self.opened), rect.center().y - 5.0..=rect.center().y + 5.0, Stroke::new(1.0, theme.weak));
            }
            let ring = if response.has_focus() { Stroke::new(2.0, theme.accent) } else { Stroke::new(1.0, theme.panel) };
            painter.circle(pos2(at, rect.center().y), 6.0, look.text_color(), ring);
        }
        let response = if response.dragged() { response } else { response.on_hover_ui(|ui| self.tip(ui)) };
        (response, change)
    }

    /// What a screen reader may know and do.
    fn describe(&self, ui: &Ui, id: Id, scale: &Track) {
        ui.accesskit_node_builder(id, |node| {
            node.set_min_numeric_value(scale.low);
            node.set_max_numeric_value(scale.high);
            node.add_action(egui::accesskit::Action::SetValue);
        });
    }

    /// A drag over track or number: one gesture from press to release.
    fn drag(ui: &Ui, response: &Response, id: Id, value_at: impl Fn(f32, bool) -> f64) -> Option<Change> {
        let key = id.with("drag");
        if response.is_pointer_button_down_on() && ui.input(|i| i.pointer.primary_pressed()) {
            let gesture = next_gesture(ui.ctx());
            ui.data_mut(|d| d.insert_temp(key, gesture));
            response.request_focus();
        }
        let p = response.interact_pointer_pos().filter(|_| response.dragged() || response.clicked())?;
        if response.double_clicked() {
            return None;
        }
        let gesture = ui.data(|d| d.get_temp::<u64>(key))?;
        Some(Change { value: value_at(p.x, ui.input(|i| i.modifiers.shift)), gesture })
    }

    fn keys(&self, ui: &Ui, response: &Response, scale: &Track) -> Option<Change> {
        if !response.has_focus() {
            return None;
        }
        ui.memory_mut(|m| m.set_focus_lock_filter(response.id, egui::EventFilter { horizontal_arrows: true, ..Default::default() }));
        let (steps, fine) = ui.input(|i| {
            let count = |key| i.events.iter().filter(|e| matches!(e, egui::Event::Key { key: k, pressed: true, .. } if *k == key)).count();
            (count(Key::ArrowRight) as f64 - count(Key::ArrowLeft) as f64, i.modifiers.shift)
        });
        let steps = if fine { steps / 10.0 } else { steps };
        (steps != 0.0).then(|| Change { value: scale.step(self.value, steps, self.spec.valid), gesture: next_gesture(ui.ctx()) })
    }

    /// The number: shows, drags, and becomes a text field when clicked.
    fn field(&self, ui: &mut Ui, theme: &Theme, rect: Rect, id: Id, scale: &Track) -> Option<Change> {
        let mut state = typing(ui.ctx());
        if state.row == Some(id) {
            return self.edit(ui, theme, rect, id, &mut state);
        }
        let response = ui.interact(rect, id.with("value"), Sense::click_and_drag()).on_hover_cursor(egui::CursorIcon::ResizeHorizontal);
        let shown = value_text(self.value);
        let name = format!("{} value", self.spec.key);
        response
            .widget_info(|| WidgetInfo { current_text_value: Some(shown.clone()), ..WidgetInfo::labeled(Role::SpinButton, true, &name) });
        if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect.shrink2(vec2(0.0, 2.0)), 4.0, theme.control);
        }
        self.paint_value(ui, theme, rect, &shown);
        let enter = response.has_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        if response.clicked() || enter {
            let text = if self.value.abs() >= ENDLESS { shown } else { text::number(self.value, 12) };
            set_typing(ui.ctx(), Typing { row: Some(id), text, problem: String::new(), fresh: true });
            return None;
        }
        let change = Self::drag(ui, &response, id.with("value"), |_, fine| {
            let steps = f64::from(response.drag_delta().x) * if fine { 0.05 } else { 0.5 };
            scale.step(self.value, steps, self.spec.valid)
        });
        response.on_hover_ui(|ui| self.tip(ui));
        change.filter(|_| ui.input(|i| i.pointer.is_decidedly_dragging()))
    }

    fn paint_value(&self, ui: &Ui, theme: &Theme, rect: Rect, number: &str) {
        let painter = ui.painter().with_clip_rect(rect);
        let width = painter.layout_no_wrap(number.to_owned(), fonts::medium(BODY), theme.strong).size().x;
        let is_long = self.unit.is_empty() && width > rect.width() - UNIT;
        let split = rect.right() - if is_long { 4.0 } else { UNIT };
        painter.text(pos2(split, rect.center().y), Align2::RIGHT_CENTER, number, fonts::medium(BODY), theme.strong);
        painter.text(
            pos2(split + 3.0, rect.center().y + 0.5),
            Align2::LEFT_CENTER,
            self.unit,
            egui::FontId::proportional(SMALL),
            theme.weak,
        );
    }

    fn edit(&self, ui: &mut Ui, theme: &Theme, rect: Rect, id: Id, state: &mut Typing) -> Option<Change> {
        let colour = if state.problem.is_empty() { theme.strong } else { theme.error };
        let edit = egui::TextEdit::singleline(&mut state.text)
            .id(id.with("typing"))
            .font(fonts::medium(BODY))
            .text_color(colour)
            .align(Align2::RIGHT_CENTER)
            .margin(vec2(4.0, 2.0));
        let response = ui.put(rect, edit);
        if state.fresh {
            response.request_focus();
            let mut cursor = egui::text_edit::TextEditState::load(ui.ctx(), response.id).unwrap_or_default();
            let all = egui::text::CCursorRange::two(egui::text::CCursor::new(0), egui::text::CCursor::new(state.text.chars().count()));
            cursor.cursor.set_char_range(Some(all));
            cursor.store(ui.ctx(), response.id);
            state.fresh = false;
        }
        let parsed = self.read(&state.text);
        state.problem = parsed.as_ref().err().cloned().unwrap_or_default();
        if !state.problem.is_empty() {
            egui::Tooltip::always_open(ui.ctx().clone(), ui.layer_id(), id.with("problem"), rect).show(|ui| {
                ui.set_max_width(300.0);
                ui.colored_label(theme.error, &state.problem);
            });
        }
        let escape = ui.input(|i| i.key_pressed(Key::Escape));
        let done = response.lost_focus();
        let refused = done && !escape && parsed.is_err() && ui.input(|i| i.key_pressed(Key::Enter));
        if refused {
            response.request_focus();
        }
        set_typing(ui.ctx(), if done && !refused { Typing::default() } else { state.clone() });
        if done && !escape { parsed.ok().map(|value| Change { value, gesture: next_gesture(ui.ctx()) }) } else { None }
    }

    /// The typed value, or what is wrong with it.
    fn read(&self, typed: &str) -> Result<f64, String> {
        if matches!(typed.trim(), "∞" | "inf" | "never") {
            return Ok(if self.spec.default >= ENDLESS { self.spec.default } else { self.spec.valid.1 });
        }
        let value =
            text::parse(typed, self.unit).ok_or_else(|| format!("{} needs a number, such as {}", self.spec.key, self.spec.default))?;
        self.spec.check(value)?;
        Ok(value)
    }
}

/// The value that a screen reader asked for.
fn asked_value(ui: &Ui, id: Id) -> Option<f64> {
    use egui::accesskit::{Action, ActionData};
    ui.input(|i| {
        let numbers = i.accesskit_action_requests(id, Action::SetValue).filter_map(|r| match r.data {
            Some(ActionData::NumericValue(value)) => Some(value),
            _ => None,
        });
        numbers.last()
    })
}

/// The name of a flag on screen.
fn label(spec: &ParamSpec) -> String {
    let words = spec.key.replace('_', " ");
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

//! The speed slider: biological over wall time from 0.001× to 1000× on a logarithmic track, and "max" at its end.

use egui::{Key, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use spikeground_core::protocol::Speed;

/// Part of the track that is logarithmic; the rest is "max".
const LOG_PART: f32 = 0.9;
/// How close to 1× the slider snaps to it, in parts of the track.
const SNAP: f32 = 0.02;

fn position(speed: Speed) -> f32 {
    match speed {
        Speed::Factor(f) => ((f.max(1e-3).log10() as f32 + 3.0) / 6.0).clamp(0.0, 1.0) * LOG_PART,
        Speed::AsFastAsPossible => 1.0,
    }
}

fn speed_at(position: f32) -> Speed {
    if position > f32::midpoint(1.0, LOG_PART) {
        return Speed::AsFastAsPossible;
    }
    if (position - LOG_PART / 2.0).abs() < SNAP {
        return Speed::Factor(1.0);
    }
    let factor = 10f64.powf(f64::from((position / LOG_PART).clamp(0.0, 1.0)) * 6.0 - 3.0);
    // Two significant digits: the number beside the slider shall be what is asked for.
    let unit = 10f64.powf(factor.log10().floor() - 1.0);
    Speed::Factor((factor / unit).round() * unit)
}

/// Asked speed as text: `0.25×`, `max`.
pub fn text(speed: Speed) -> String {
    match speed {
        Speed::Factor(f) => format!("{}×", crate::ui::text::number(f, 2)),
        Speed::AsFastAsPossible => "max".into(),
    }
}

/// The slider. Arrow keys go in steps of 1 : 1.26 (a tenth of a decade), double-click goes back to 1×.
pub fn slider(ui: &mut Ui, width: f32, speed: &mut Speed) -> Response {
    let (rect, mut response) = ui.allocate_exact_size(vec2(width, ui.spacing().interact_size.y), Sense::click_and_drag());
    let track = Rect::from_center_size(rect.center(), vec2(rect.width() - 14.0, 4.0));
    let x = |part: f32| track.left() + part * track.width();
    let old = *speed;
    if let Some(p) = response.interact_pointer_pos().filter(|_| response.dragged() || response.clicked()) {
        *speed = speed_at(((p.x - track.left()) / track.width()).clamp(0.0, 1.0));
    }
    if response.double_clicked() {
        *speed = Speed::Factor(1.0);
    }
    if response.has_focus() {
        ui.memory_mut(|m| {
            let keys = egui::EventFilter { horizontal_arrows: true, ..Default::default() };
            m.set_focus_lock_filter(response.id, keys);
        });
        let steps = ui.input(|i| i.num_presses(Key::ArrowRight) as i32 - i.num_presses(Key::ArrowLeft) as i32);
        if steps != 0 {
            let at = if old == Speed::AsFastAsPossible { LOG_PART + 0.02 } else { position(old) };
            let next = at + steps as f32 * LOG_PART / 60.0;
            *speed = if next > LOG_PART + 0.01 && steps > 0 { Speed::AsFastAsPossible } else { speed_at(next.clamp(0.0, LOG_PART)) };
        }
    }
    if *speed != old {
        response.mark_changed();
    }
    let now = *speed;
    response.widget_info(|| {
        let value = match now {
            Speed::Factor(f) => f,
            Speed::AsFastAsPossible => f64::INFINITY,
        };
        WidgetInfo { value: Some(value), label: Some("Speed".into()), ..WidgetInfo::new(Role::Slider) }
    });
    if ui.is_rect_visible(rect) {
        let visuals = ui.visuals().clone();
        let look = ui.style().interact(&response);
        let painter = ui.painter();
        painter.rect_filled(track, 2.0, visuals.widgets.inactive.weak_bg_fill);
        let at = x(position(now));
        painter.rect_filled(Rect::from_min_max(track.min, pos2(at, track.bottom())), 2.0, visuals.hyperlink_color.gamma_multiply(0.6));
        for part in [LOG_PART / 2.0, LOG_PART] {
            painter.vline(x(part), rect.center().y - 7.0..=rect.center().y + 7.0, Stroke::new(1.0, visuals.weak_text_color()));
        }
        painter.circle(pos2(at, rect.center().y), 6.0, look.text_color(), Stroke::new(1.0, visuals.panel_fill));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slider_gives_back_the_speed_it_shows() {
        for f in [0.001, 0.01, 0.5, 1.0, 2.0, 100.0, 1000.0] {
            let Speed::Factor(back) = speed_at(position(Speed::Factor(f))) else { panic!("{f} became max") };
            assert!((back / f - 1.0).abs() < 0.05, "{f} became {back}");
        }
        assert_eq!(speed_at(position(Speed::AsFastAsPossible)), Speed::AsFastAsPossible);
        assert_eq!(speed_at(LOG_PART / 2.0 + 0.01), Speed::Factor(1.0));
    }
}

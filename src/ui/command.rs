//! Every command of the window, once: the menu, the shortcuts, the palette and the list of shortcuts are made from [`ALL`].

use egui::{Key, KeyboardShortcut, Modifiers};

/// Part of the menu a command sits in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    File,
    Edit,
    Simulation,
    View,
}

impl Section {
    pub const ALL: [Section; 4] = [Section::File, Section::Edit, Section::Simulation, Section::View];

    pub fn name(self) -> &'static str {
        match self {
            Section::File => "File",
            Section::Edit => "Edit",
            Section::Simulation => "Simulation",
            Section::View => "View",
        }
    }
}

macro_rules! commands {
    ($($section:ident $command:ident $name:literal $tip:literal [$($key:expr),*];)*) => {
        /// A command of the window.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum UiCommand { $($command),* }

        /// All commands, in the order of the menu.
        pub static ALL: &[UiCommand] = &[$(UiCommand::$command),*];

        impl UiCommand {
            pub fn name(self) -> &'static str {
                match self { $(UiCommand::$command => $name),* }
            }
            pub fn tip(self) -> &'static str {
                match self { $(UiCommand::$command => $tip),* }
            }
            pub fn section(self) -> Section {
                match self { $(UiCommand::$command => Section::$section),* }
            }
            /// The first is the one shown.
            pub fn keys(self) -> &'static [KeyboardShortcut] {
                match self { $(UiCommand::$command => const { &[$($key),*] }),* }
            }
        }
    };
}

const fn key(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}
const fn shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::SHIFT, key)
}
const fn ctrl(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}
const fn ctrl_shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers { shift: true, ..Modifiers::COMMAND }, key)
}

commands! {
    File New "New network" "Starts an empty network" [ctrl(Key::N)];
    File Open "Open…" "Opens a network from a file" [ctrl(Key::O)];
    File OpenPath "Open by path…" "Opens a network from a file whose path you type" [];
    File Import "Import spikes or a current…" "Takes a CSV or NPY file into the selected population or stimulus" [];
    File Gallery "Presets" "Shows the gallery of networks that come with the program" [ctrl(Key::G)];
    File Save "Save" "Stores the network in its file" [ctrl(Key::S)];
    File SaveAs "Save as…" "Stores the network in another file" [ctrl_shift(Key::S)];
    File Picture "Save picture of the window…" "Stores what the window shows as a PNG file" [];
    File Sheet "Save all panels as one figure…" "Every panel in sight on one page with a caption, as SVG or PNG, in the colours of paper" [];
    File Record "Record animation" "Records the window for up to 10 s as an animated GIF; the same command ends it" [];
    File ExportNest "Export NEST script…" "Writes the network as a script for NEST, with the data of our run beside it" [];
    File ExportBrian2 "Export Brian2 script…" "Writes the network as a script for Brian2, with the data of our run beside it" [];
    File ExportPynn "Export PyNN script…" "Writes the network as a script for PyNN, with the data of our run beside it" [];
    File ExportProtocol "Export protocol…" "Writes question, set-up with all parameters, outcome with figures, notes and conclusion as Markdown" [];
    Simulation RunElsewhere "Run in NEST, Brian2 or NEURON" "Runs the same network there with your Python and compares every spike" [];
    File SaveSession "Save session…" "Stores the network with everything done to it since time zero and its state; `spikeground replay` repeats it" [];
    File KeepWeights "Keep these weights" "Copies the learned weights into the network as explicit connections" [];
    File Quit "Quit" "Closes the window" [ctrl(Key::Q)];
    Edit Undo "Undo" "Takes the last change back" [ctrl(Key::Z)];
    Edit Redo "Redo" "Does the undone change again" [ctrl_shift(Key::Z), ctrl(Key::Y)];
    Edit AddPopulation "Add population" "Adds neurons" [];
    Edit AddProjection "Add projection" "Connects two populations" [];
    Edit AddStimulus "Add stimulus" "Adds an input from outside" [];
    Edit AddProbe "Add probe" "Records a variable of some neurons" [];
    Edit Duplicate "Duplicate" "Copies the selected population, projection, stimulus or probe" [ctrl(Key::D)];
    Edit Rename "Rename" "Renames what is selected" [key(Key::F2)];
    Edit Delete "Delete" "Removes what is selected; can be undone" [key(Key::Delete)];
    Edit Deselect "Deselect" "Closes what is open and selects the whole network" [key(Key::Escape)];
    Simulation RunPause "Run or pause" "Lets time flow, or stops it" [key(Key::Space)];
    Simulation Step "Step" "Pauses and advances by one step dt" [key(Key::Period)];
    Simulation StepToSpike "Step to next spike" "Runs until the next spike of any neuron, then pauses" [key(Key::Comma)];
    Simulation Reset "Reset" "Back to time zero with the same seed: the same spikes again" [key(Key::R)];
    Simulation NewSeed "New seed" "Back to time zero with other random numbers" [shift(Key::R)];
    Simulation KeepRun "Keep this run" "Keeps spikes, traces and weights as they are now, to be laid over later ones" [key(Key::K)];
    Simulation Slower "Slower" "Halves the speed" [key(Key::OpenBracket)];
    Simulation Faster "Faster" "Doubles the speed" [key(Key::CloseBracket)];
    Simulation RealTime "Real time" "One biological second a second" [key(Key::Num1)];
    Simulation FullSpeed "As fast as possible" "No speed limit" [key(Key::Num0)];
    View Palette "Search" "Finds any command, panel or preset by name" [ctrl(Key::P), ctrl_shift(Key::P)];
    View Shortcuts "Keyboard shortcuts" "Lists all shortcuts" [key(Key::F1), key(Key::Questionmark), shift(Key::Questionmark)];
    View ToggleTheme "Dark or light" "Switches between the dark and the light theme" [ctrl(Key::T)];
    View ZoomIn "Larger" "Makes everything larger, for the projector" [ctrl(Key::Plus), ctrl(Key::Equals)];
    View ZoomOut "Smaller" "Makes everything smaller" [ctrl(Key::Minus)];
    View ZoomReset "Normal size" "Back to the size the system asks for" [ctrl(Key::Num0)];
    View Present "Present" "Hides everything but the panels and makes them larger" [key(Key::F5), key(Key::F11)];
    View ResetLayout "Reset layout" "Puts all panels back to their places" [];
}

impl UiCommand {
    /// The shortcut as text, empty when there is none.
    pub fn shortcut(self, ctx: &egui::Context) -> String {
        self.keys().first().map_or_else(String::new, |k| text(ctx, *k))
    }
}

/// A shortcut as people write it: `Ctrl+S`, `[`, `?`.
pub fn text(ctx: &egui::Context, shortcut: KeyboardShortcut) -> String {
    let name = ctx.format_shortcut(&shortcut);
    let signs = [
        ("OpenBracket", "["),
        ("CloseBracket", "]"),
        ("Period", "."),
        ("Comma", ","),
        ("Questionmark", "?"),
        ("Plus", "+"),
        ("Minus", "−"),
        ("Equals", "="),
        ("Escape", "Esc"),
        ("Delete", "Del"),
    ];
    for (word, sign) in signs {
        if let Some(modifiers) = name.strip_suffix(word) {
            return format!("{modifiers}{sign}");
        }
    }
    name
}

/// The commands whose keys were pressed since the last frame. While a text is typed, only those with Ctrl or a function key count.
pub fn pressed(ctx: &egui::Context) -> Vec<UiCommand> {
    let typing = ctx.text_edit_focused();
    let popup = egui::Popup::is_any_open(ctx);
    let mut found = Vec::new();
    let mut keys: Vec<_> = ALL.iter().flat_map(|c| c.keys().iter().map(|k| (*c, *k))).collect();
    // More modifiers first, or Ctrl+Z would swallow Ctrl+Shift+Z.
    keys.sort_by_key(|(_, k)| std::cmp::Reverse(u8::from(k.modifiers.shift) + u8::from(k.modifiers.command)));
    for (command, shortcut) in keys {
        let is_plain = !shortcut.modifiers.command && !is_function_key(shortcut.logical_key);
        // A text has its own undo, and an open menu its own Escape.
        let is_taken = typing && (is_plain || matches!(command, UiCommand::Undo | UiCommand::Redo));
        if is_taken || (popup && command == UiCommand::Deselect) {
            continue;
        }
        if ctx.input_mut(|i| i.consume_shortcut(&shortcut)) {
            found.push(command);
        }
    }
    found
}

fn is_function_key(key: Key) -> bool {
    matches!(key, Key::F1 | Key::F2 | Key::F5 | Key::F11)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_commands_share_a_shortcut() {
        let keys: Vec<_> = ALL.iter().flat_map(|c| c.keys().iter().map(move |k| (*c, *k))).collect();
        for (i, (a, x)) in keys.iter().enumerate() {
            for (b, y) in &keys[i + 1..] {
                assert!(x != y, "{a:?} and {b:?} both have {x:?}");
            }
        }
    }

    #[test]
    fn names_and_tips_are_one_sentence_without_a_period() {
        for c in ALL {
            assert!(!c.name().is_empty() && !c.tip().is_empty() && !c.tip().ends_with('.'), "{c:?}");
        }
    }
}

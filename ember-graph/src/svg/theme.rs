//! Colours and type, for light pages and for dark ones.

use std::fmt::Write as _;

/// A class with what always holds, and its colours on light and on dark pages.
struct Rule(&'static str, &'static str, &'static str, &'static str);

const SANS: &str = "font:13px system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;";
const MONO: &str = "font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;";

/// The class names start with `eg-`, as inline styles hold for the whole page and pages have styles too.
const RULES: &[Rule] = &[
    Rule("eg-node", "stroke-width:1.2;", "fill:#fff;stroke:#6e7781", "fill:#21262d;stroke:#8b949e"),
    Rule("eg-inner", "fill:none;stroke-width:1.2;", "stroke:#6e7781", "stroke:#8b949e"),
    Rule(
        "eg-glue",
        "stroke-width:1;stroke-dasharray:2 2;",
        "fill:#f6f8fa;stroke:#8c959f",
        "fill:#161b22;stroke:#6e7681",
    ),
    Rule("eg-input", "stroke-width:1.2;", "fill:#ddf4ff;stroke:#218bff", "fill:#0c2d6b;stroke:#58a6ff"),
    Rule("eg-output", "stroke-width:1.6;", "fill:#dafbe1;stroke:#1a7f37", "fill:#0f3d1f;stroke:#3fb950"),
    Rule("eg-branch", "stroke-width:1.2;", "fill:#fffbea;stroke:#bf8700", "fill:#201a0b;stroke:#bb8009"),
    Rule("eg-branch-bar", "", "fill:#f7e2a0", "fill:#5a4108"),
    Rule("eg-fan", "stroke-width:1.2;", "fill:#effbfa;stroke:#1b8a80", "fill:#0b2321;stroke:#2aa79b"),
    Rule("eg-fan-bar", "", "fill:#b5e8e3", "fill:#10504b"),
    Rule("eg-loop", "stroke-width:1.2;", "fill:#fbf5ff;stroke:#8250df", "fill:#1c1330;stroke:#a371f7"),
    Rule("eg-loop-bar", "", "fill:#e2cffb", "fill:#45297a"),
    Rule("eg-back", "fill:none;stroke-width:1.8;", "stroke:#8250df", "stroke:#a371f7"),
    Rule("eg-back-head", "", "fill:#8250df", "fill:#a371f7"),
    Rule("eg-group", "stroke-width:1.2;", "fill:#f6f8fa;stroke:#8c959f", "fill:#161b22;stroke:#6e7681"),
    Rule("eg-group-bar", "", "fill:#e3e8ee", "fill:#30363d"),
    Rule(
        "eg-part",
        "stroke-width:1;stroke-dasharray:4 3;",
        "fill:#fff;stroke:#bf8700",
        "fill:#0d1117;stroke:#bb8009",
    ),
    Rule("eg-tag", "", "fill:#fff", "fill:#0d1117"),
    Rule("eg-sign", "fill:none;stroke-width:1.4;", "stroke:#1f2328", "stroke:#e6edf3"),
    Rule("eg-name", "font-weight:600;text-anchor:middle;", "fill:#1f2328", "fill:#f0f6fc"),
    Rule("eg-text", "text-anchor:middle;", "fill:#1f2328", "fill:#f0f6fc"),
    Rule("eg-title", "font-weight:600;", "fill:#1f2328", "fill:#f0f6fc"),
    Rule("eg-note", "font-size:11px;", "fill:#424a53", "fill:#c3cad2"),
    Rule("eg-code", "text-anchor:middle;", "fill:#424a53", "fill:#c3cad2"),
    Rule("eg-policy", "font-size:9px;text-anchor:middle;", "fill:#424a53", "fill:#c3cad2"),
    Rule("eg-label", "", "fill:#424a53", "fill:#c3cad2"),
    Rule("eg-mark", "font-weight:700;", "fill:#cf222e", "fill:#ff7b72"),
    // Lines lie on the page itself, whose colour is a guess: these are readable on either.
    Rule("eg-key", "font-size:11px;", "fill:#6e7781", "fill:#8b949e"),
    Rule("eg-borrow", "fill:none;stroke-width:1.1;", "stroke:#6e7781", "stroke:#9aa4ae"),
    Rule("eg-mut", "fill:none;stroke-width:1.6;", "stroke:#bc4c00", "stroke:#f0883e"),
    Rule("eg-take", "fill:none;stroke-width:2.2;", "stroke:#57606a", "stroke:#b1bac4"),
    Rule("eg-order", "fill:none;stroke-width:1.3;stroke-dasharray:5 4;", "stroke:#6e7781", "stroke:#9aa4ae"),
    Rule("eg-out", "fill:none;stroke-width:2.2;", "stroke:#1a7f37", "stroke:#3fb950"),
    Rule("eg-borrow-head", "fill:none;stroke-width:1.3;", "stroke:#6e7781", "stroke:#9aa4ae"),
    Rule("eg-mut-head", "", "fill:#bc4c00", "fill:#f0883e"),
    Rule("eg-take-head", "", "fill:#57606a", "fill:#b1bac4"),
    Rule("eg-order-head", "fill:none;stroke-width:1.3;", "stroke:#6e7781", "stroke:#9aa4ae"),
    Rule("eg-out-head", "", "fill:#1a7f37", "fill:#3fb950"),
];

/// The style sheet for what the body uses. Every rule names the image's id, so none holds elsewhere.
///
/// After the preference of the reader's system comes the theme that a documentation page says it has.
pub(super) fn style(id: &str, body: &str) -> String {
    let used: Vec<&Rule> =
        RULES.iter().filter(|Rule(class, ..)| body.contains(&format!("class=\"{class}\""))).collect();
    let mut style = format!("#{id} text{{{SANS}}}\n");
    for Rule(class, always, light, _) in &used {
        let mono = matches!(*class, "eg-code" | "eg-label" | "eg-mark");
        let font = if mono { MONO } else { "" };
        let _ = writeln!(style, "#{id} .{class}{{{font}{always}{light}}}");
    }
    let mut themed = |before: &str, dark: bool| {
        for Rule(class, _, light, night) in &used {
            let colours = if dark { night } else { light };
            let _ = write!(style, "{before}#{id} .{class}{{{colours}}}");
        }
        style.push('\n');
    };
    themed("[data-theme=light] ", false);
    themed("[data-theme=dark] ", true);
    themed("[data-theme=ayu] ", true);
    style.push_str("@media(prefers-color-scheme:dark){\n");
    for Rule(class, _, _, night) in &used {
        let _ = write!(style, "#{id} .{class}{{{night}}}");
    }
    style.push_str("\n}\n");
    style
}
